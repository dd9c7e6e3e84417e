"""Kafka's client sends a message to the broker inside of its own library, and reads it back over the wire."""

from __future__ import annotations

from confluent_kafka import Consumer, Producer, TopicPartition

producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none"})
(broker,) = producer.list_topics(timeout=10).brokers.values()
producer.produce("visits", b"one", partition=0)
assert producer.flush(10) == 0
consumer = Consumer({"bootstrap.servers": f"{broker.host}:{broker.port}", "group.id": "probe", "auto.offset.reset": "error"})
assert consumer.get_watermark_offsets(TopicPartition("visits", 0), timeout=10) == (0, 1)
consumer.assign([TopicPartition("visits", 0, 0)])
(message,) = consumer.consume(1, timeout=10)
assert message.error() is None and message.value() == b"one"
consumer.close()
