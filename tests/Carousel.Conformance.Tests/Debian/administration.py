"""Creates a topic, gives it partitions and a setting, reads both back, and deletes it."""
import sys

import clients
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

address, topic = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": address})


def done(futures):
    return [each.result(60) for each in futures.values()]


done(admin.create_topics([NewTopic(topic, 2, 1, config={"retention.ms": "123456"})]))
done(admin.create_partitions([NewPartitions(topic, 4)]))
clients.until(lambda: len(admin.list_topics(topic, 60).topics[topic].partitions) == 4, "the topic has 4 partitions")

resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
clients.until(lambda: done(admin.describe_configs([resource]))[0]["retention.ms"].value == "123456", "the setting is there")
done(admin.alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, set_config={"retention.bytes": "777"})]))


def is_replaced():
    settings = done(admin.describe_configs([resource]))[0]
    return (settings["retention.bytes"].value, settings["retention.ms"].value) == ("777", "604800000")


clients.until(is_replaced, "the one setting replaced all others")

done(admin.delete_topics([topic]))
clients.until(lambda: topic not in admin.list_topics(timeout=60).topics, "the topic is gone")
