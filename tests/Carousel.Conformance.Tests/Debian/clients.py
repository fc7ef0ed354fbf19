"""What the scripts share: clients, and waits that say what they waited for."""
import time

from confluent_kafka import Consumer, Producer

PATIENCE_SECONDS = 60


def producer(address, **settings):
    return Producer({"bootstrap.servers": address, "enable.idempotence": True, "linger.ms": 5} | {name.replace("_", "."): value for name, value in settings.items()})


def consumer(address, group, **settings):
    return Consumer(
        {
            "bootstrap.servers": address,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500,
        }
        | {name.replace("_", "."): value for name, value in settings.items()}
    )


def poll_until(consumers, is_done, what):
    """Polls the consumers in turn, gives every message to the caller's predicate, and ends when that is satisfied."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        for each in consumers:
            message = each.poll(0.05)
            if message is not None and message.error():
                raise AssertionError(f"{what}: {message.error()}")
            if is_done(each, message):
                return
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {PATIENCE_SECONDS} s until {what}")


def until(is_so, what):
    """Asks the broker again and again: Kafka answers an administrator before every broker knows."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {PATIENCE_SECONDS} s until {what}")
        time.sleep(0.05)


def partitions(one):
    return sorted(each.partition for each in one.assignment())
