"""A prompt goes through a chain to a model that answers from a list."""

from __future__ import annotations

import langchain
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

chain = ChatPromptTemplate.from_template("What is {thing}?") | FakeListChatModel(responses=["An answer."]) | StrOutputParser()
assert langchain.__version__ and chain.invoke({"thing": "a prompt"}) == "An answer."
