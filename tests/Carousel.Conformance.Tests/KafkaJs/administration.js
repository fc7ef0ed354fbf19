'use strict'
// A topic's life, its settings, offsets and deletions, and a group's, by kafkajs' admin client.
const assert = require('node:assert')
const { ConfigResourceTypes } = require('kafkajs')
const { kafka, producer, until, main } = require('./clients')

main(async (address, topic) => {
  const client = kafka(address)
  const admin = client.admin()
  await admin.connect()
  const cluster = await admin.describeCluster()
  assert.deepStrictEqual([cluster.controller, cluster.brokers.map(({ host, port }) => `${host}:${port}`)], [1, [address]])

  assert.strictEqual(await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '98765' }] }] }), true)
  assert.strictEqual(await admin.createTopics({ topics: [{ topic }] }), false, 'it is there already')
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
  await until(async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length === 3, () => 'the topic has 3 partitions')

  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] }]
  const { resources: [{ configEntries: [entry] }] } = await admin.describeConfigs({ resources, includeSynonyms: false })
  assert.strictEqual(entry.configValue, '98765')
  await admin.alterConfigs({ resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: '-1' }] }] })

  const source = producer(client)
  await source.connect()
  await source.send({ topic, messages: Array.from({ length: 10 }, (_, i) => ({ value: String(i), partition: 0, timestamp: String(1000 + i) })) })
  const ends = async () => (await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 0)
  assert.deepStrictEqual([(await ends()).low, (await ends()).high], ['0', '10'])
  assert.strictEqual((await admin.fetchTopicOffsetsByTimestamp(topic, 1004)).find(({ partition }) => partition === 0).offset, '4')
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
  assert.strictEqual((await ends()).low, '6')

  const groupId = `${topic}-group`
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '7' }] })
  assert.strictEqual((await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions.find(({ partition }) => partition === 0).offset, '7')
  assert.ok((await admin.listGroups()).groups.some((group) => group.groupId === groupId))
  assert.strictEqual((await admin.describeGroups([groupId])).groups[0].state, 'Empty')
  await admin.deleteGroups([groupId])
  assert.ok(!(await admin.listGroups()).groups.some((group) => group.groupId === groupId))

  await admin.deleteTopics({ topics: [topic] })
  await until(async () => !(await admin.listTopics()).includes(topic), () => 'the topic is gone')
})
