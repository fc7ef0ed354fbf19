'use strict'
// Two members join one after another and one leaves; every value of every codec that kafkajs has is read by somebody, in the order of its partition.
const assert = require('node:assert')
const { CompressionTypes } = require('kafkajs')
const { kafka, producer, member, until, main } = require('./clients')

const PARTITIONS = 4

main(async (address, topic, groupId) => {
  const client = kafka(address)
  const source = producer(client, { idempotent: true })
  await source.connect()
  const produced = []
  const produce = async (compression) => {
    const messages = Array.from({ length: 200 }, (_, i) => ({ value: String(produced.length + i), partition: i % PARTITIONS, headers: { codec: String(compression) } }))
    await source.send({ topic, compression, acks: -1, messages })
    produced.push(...messages.map(({ value }) => value))
  }
  const shared = (...members) => until(
    () => members.every(({ partitions }) => partitions.length > 0) && String(members.flatMap(({ partitions }) => partitions).sort()) === '0,1,2,3',
    () => `${members.length} members share ${PARTITIONS} partitions: ${JSON.stringify(members.map(({ partitions }) => partitions))}`)

  const first = await member(client, groupId, topic)
  await shared(first)
  await produce(CompressionTypes.None)
  const second = await member(client, groupId, topic)
  await shared(first, second)
  await produce(CompressionTypes.GZIP)
  await first.stop()
  await shared(second)
  await produce(CompressionTypes.None)

  const read = () => [...first.read, ...second.read]
  await until(() => new Set(read().map(({ value }) => value)).size === produced.length, () => `${produced.length} values are read: ${read().length}`)
  for (const { read: own } of [first, second]) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const offsets = own.filter((message) => message.partition === partition).map(({ offset }) => offset)
      assert.deepStrictEqual(offsets, [...offsets].sort((a, b) => a - b))
    }
  }
  await second.stop()
  await source.disconnect()
})
