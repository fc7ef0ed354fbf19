"""Members join and leave; the partitions are always shared, and every value is read by somebody."""
import sys

import clients

address, topic, group, strategy = sys.argv[1:]
PARTITIONS = 4
produced, read = set(), set()


def produce(count):
    source = clients.producer(address)
    for number in range(len(produced), len(produced) + count):
        produced.add(str(number))
        source.produce(topic, str(number), partition=number % PARTITIONS)
    assert source.flush(clients.PATIENCE_SECONDS) == 0, "not everything was acknowledged"


def member():
    joined = clients.consumer(address, group, partition_assignment_strategy=strategy)
    joined.subscribe([topic], on_revoke=commit)
    return joined


def commit(who, revoked):
    positions = [each for each in who.position(revoked) if each.offset >= 0]
    if positions:
        who.commit(offsets=positions, asynchronous=False)


def share(*members):
    def is_shared(_, message):
        if message is not None:
            read.add(message.value().decode())
        owned = [clients.partitions(each) for each in members]
        return all(owned) and sorted(sum(owned, [])) == list(range(PARTITIONS))

    clients.poll_until(members, is_shared, f"{len(members)} members share {PARTITIONS} partitions")


first = member()
share(first)
produce(200)
second = member()
share(first, second)
produce(200)
third = member()
share(first, second, third)
produce(200)
first.close()
share(second, third)
second.close()
share(third)
produce(200)


def is_read(_, message):
    if message is not None:
        read.add(message.value().decode())
    return read == produced


clients.poll_until([third], is_read, "everything produced was read")
third.close()
