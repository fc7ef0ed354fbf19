'use strict'
// Transactions with offsets, every third aborted; a second producer of the same name ends the first one.
const assert = require('node:assert')
const { kafka, producer, member, until, main } = require('./clients')

const transactional = async (client, transactionalId) => {
  const made = producer(client, { transactionalId, idempotent: true, maxInFlightRequests: 1, transactionTimeout: 30000 })
  await made.connect()
  return made
}

main(async (address, topic, name) => {
  const client = kafka(address)
  const admin = client.admin()
  await admin.connect()
  const writer = await transactional(client, name)
  const expected = []
  for (let round = 0; round < 9; round++) {
    const transaction = await writer.transaction()
    const values = [`${round}a`, `${round}b`]
    await transaction.send({ topic, messages: values.map((value, partition) => ({ value, partition })) })
    await transaction.sendOffsets({ consumerGroupId: `${name}-offsets`, topics: [{ topic, partitions: [{ partition: 0, offset: String(round + 1) }] }] })
    if (round % 3 === 2) {
      await transaction.abort()
    } else {
      await transaction.commit()
      expected.push(...values)
    }
  }

  const [{ partitions: [{ offset }] }] = await admin.fetchOffsets({ groupId: `${name}-offsets`, topics: [topic] })
  assert.strictEqual(offset, '8', 'the last committed transaction was the eighth')

  const stale = await writer.transaction()
  await stale.send({ topic, messages: [{ value: 'of a predecessor', partition: 0 }] })
  const successor = await transactional(client, name)
  await (await successor.transaction()).commit()
  await assert.rejects(stale.commit())

  const reader = await member(client, `${name}-reader`, topic)
  await until(() => reader.read.length >= expected.length, () => `${expected.length} values are read: ${JSON.stringify(reader.read)}`)
  const end = producer(client)
  await end.connect()
  await end.send({ topic, messages: [{ value: 'end', partition: 0 }, { value: 'end', partition: 1 }] })
  await until(() => reader.read.filter(({ value }) => value === 'end').length === 2, () => 'the ends are read')
  assert.deepStrictEqual(reader.read.map(({ value }) => value).filter((value) => value !== 'end').sort(), expected.sort())
  await reader.stop()
})
