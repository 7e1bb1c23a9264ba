// A Kafka cluster for tests (tests/kafka/broker.c), and kafkajs, a client that knows nothing of librdkafka.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { after } from 'node:test'

import { findOrderd, until } from './lib.mjs'

const program = path.join(path.dirname(findOrderd()), 'tests/kafka_broker')

/** What useServer's removal of the server, which comes after, may take. */
const EXIT_MS = 30_000

/** The option `skip` of tests: a build without librdkafka has no cluster. */
export const skip = fs.existsSync(program) ? false : 'built without librdkafka'

const { Kafka, logLevel, Partitioners } = (await import('kafkajs')).default

export class Cluster {
  static async start(count = 1) {
    const cluster = new Cluster()
    const child = cluster.child = spawn(program, [String(count)], { stdio: ['pipe', 'pipe', 'ignore'] })
    const lines = cluster.lines = []
    readline.createInterface({ input: child.stdout }).on('line', line => lines.push(line))
    // It must not keep a finished test file from ending; when its input ends, it ends.
    for (const handle of [child, child.stdin, child.stdout]) handle.unref()
    cluster.brokers = /^brokers (\S+)$/.exec(await cluster.line())[1]
    cluster.kafka = new Kafka({ brokers: cluster.brokers.split(','), logLevel: logLevel.NOTHING, retry: { retries: 20, maxRetryTime: 2000 } })
    cluster.open = []
    // A consumer of kafkajs that crashed starts again by a timer of its own, also after disconnect(), and then keeps a finished test file alive.
    after(() => setTimeout(() => process.exit(), EXIT_MS).unref())
    return cluster
  }

  line() {
    return until(() => this.lines.shift(), { what: 'the answer of the cluster' })
  }

  /** A command of tests/kafka/broker.c. */
  async tell(line) {
    this.child.stdin.write(`${line}\n`)
    const answer = await this.line()
    if (answer !== 'ok') throw new Error(`${line}: ${answer}`)
  }

  /** Everything of the topic, as it comes, from its beginning; nothing more comes to who read it before: [{ partition, offset, key, value, headers }]. */
  async read(topic) {
    const found = []
    await Promise.all(this.open.filter(client => client.topic === topic).map(client => client.disconnect()))
    const consumer = this.kafka.consumer({ groupId: `reader-${topic}-${this.open.length}`, maxWaitTimeInMs: 100 })
    this.open.push(Object.assign(consumer, { topic }))
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message: { offset, key, value, headers } }) => {
        found.push({
          partition, offset: Number(offset), key: key?.toString() ?? null, value: value?.toString() ?? null,
          headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes?.toString() ?? null])),
        })
      },
    })
    return found
  }

  /** Writes messages ({ key, value, headers, partition }) by kafkajs. */
  async write(topic, messages) {
    if (!this.producer) {
      this.producer = this.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
      this.open.push(this.producer)
      await this.producer.connect()
    }
    await this.producer.send({ topic, messages })
  }

  /** What the group has committed of the topic: partition → offset, -1 for nothing. */
  async committed(groupId, topic) {
    if (!this.admin) {
      this.admin = this.kafka.admin()
      this.open.push(this.admin)
      await this.admin.connect()
    }
    const [{ partitions }] = await this.admin.fetchOffsets({ groupId, topics: [topic] })
    return Object.fromEntries(partitions.map(p => [p.partition, Number(p.offset)]))
  }

  /** The last test calls it: clients that are connected keep their process alive. */
  async stop() {
    await Promise.allSettled(this.open.map(client => client.disconnect()))
    this.child.stdin.end()
  }
}
