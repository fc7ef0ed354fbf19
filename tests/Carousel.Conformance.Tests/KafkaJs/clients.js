'use strict'
// What the scripts share: a client, and waits that say what they waited for.
const { Kafka, logLevel, Partitioners } = require('kafkajs')

const PATIENCE_MS = 60000

exports.kafka = (address) => new Kafka({ clientId: 'conformance', brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 10 } })

exports.producer = (kafka, options = {}) => kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options })

exports.until = async (isSo, what) => {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited ${PATIENCE_MS} ms until ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A group member that notes what it reads and which partitions it has. */
exports.member = async (kafka, groupId, topic) => {
  const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10000, maxWaitTimeInMs: 200 })
  const state = { read: [], partitions: [], stop: () => consumer.disconnect() }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => { state.partitions = payload.memberAssignment[topic] || [] })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ eachMessage: async ({ partition, message }) => { state.read.push({ partition, offset: Number(message.offset), value: message.value.toString() }) } })
  return state
}

/** Runs a script to its end; what it throws is its failure. */
exports.main = (script) => {
  script(...process.argv.slice(2)).then(() => process.exit(0), (error) => {
    console.error(error)
    process.exit(1)
  })
}
