"""Moves values from one topic to another in transactions, every third of which is aborted; then a second producer takes the name over."""
import sys

from confluent_kafka import KafkaException, TopicPartition

import clients

address, source, target, name = sys.argv[1:]
PARTITIONS, COUNT = 4, 400

seed = clients.producer(address)
for number in range(COUNT):
    seed.produce(source, str(number), partition=number % PARTITIONS)
assert seed.flush(clients.PATIENCE_SECONDS) == 0

reader = clients.consumer(address, name, isolation_level="read_committed")
reader.subscribe([source])
mover = clients.producer(address, transactional_id=name)
mover.init_transactions(clients.PATIENCE_SECONDS)
moved, round_number = 0, 0
while moved < COUNT:
    mover.begin_transaction()
    batch = reader.consume(50, 1.0)
    for message in batch:
        assert not message.error(), message.error()
        mover.produce(target, message.value(), partition=message.partition())
    round_number += 1
    if round_number % 3 == 2 and batch:
        mover.flush(clients.PATIENCE_SECONDS)
        mover.abort_transaction(clients.PATIENCE_SECONDS)
        first = {}
        for message in batch:
            first[message.partition()] = min(first.get(message.partition(), message.offset()), message.offset())
        for partition, offset in first.items():
            reader.seek(TopicPartition(source, partition, offset))
        continue
    mover.send_offsets_to_transaction(reader.position(reader.assignment()), reader.consumer_group_metadata(), clients.PATIENCE_SECONDS)
    mover.commit_transaction(clients.PATIENCE_SECONDS)
    moved += len(batch)

successor = clients.producer(address, transactional_id=name)
mover.begin_transaction()
mover.produce(target, "of a predecessor", partition=0)
mover.flush(clients.PATIENCE_SECONDS)
successor.init_transactions(clients.PATIENCE_SECONDS)
try:
    mover.commit_transaction(clients.PATIENCE_SECONDS)
    raise AssertionError("the predecessor committed")
except KafkaException as refused:
    assert refused.args[0].fatal(), refused

values = []
check = clients.consumer(address, name + "-check", isolation_level="read_committed")
check.assign([TopicPartition(target, partition, 0) for partition in range(PARTITIONS)])


def is_all(_, message):
    if message is not None:
        values.append(message.value().decode())
    return len(values) >= COUNT


clients.poll_until([check], is_all, f"{COUNT} values were moved")
assert check.poll(1.0) is None, "more was moved than there was"
assert sorted(values, key=int) == [str(number) for number in range(COUNT)], values
committed = reader.committed([TopicPartition(source, partition) for partition in range(PARTITIONS)], clients.PATIENCE_SECONDS)
assert [each.offset for each in committed] == [COUNT // PARTITIONS] * PARTITIONS, committed
reader.close()
check.close()
