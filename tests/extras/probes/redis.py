"""hiredis takes the replies of a Redis server apart, of which one comes in pieces."""

from __future__ import annotations

import hiredis

replies = hiredis.Reader()
replies.feed(b"*3\r\n$3\r\nabc\r\n$-1\r\n:7\r\n-LOADING not yet\r\n$5\r\nde")
assert replies.gets() == [b"abc", None, 7]
assert isinstance(replies.gets(), hiredis.ReplyError)
assert replies.gets() is False
replies.feed(b"fgh\r\n")
assert replies.gets() == b"defgh"
