import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What `GET /metrics` shows. Labels never carry a tenant's names. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const labelNames = ['method', 'route', 'status'] as const
  return {
    registry,
    requests: new Counter({
      name: 'api_requests_total',
      help: 'Requests answered',
      labelNames,
      registers,
    }),
    duration: new Histogram({
      name: 'api_request_duration_seconds',
      help: 'Time to answer a request',
      labelNames,
      registers,
      buckets: [
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
      ],
    }),
    inFlight: new Gauge({
      name: 'api_requests_in_flight',
      help: 'Requests that are being answered',
      labelNames: ['method', 'route'],
      registers,
    }),
    bugs: new Counter({ name: 'howdah_unexpected_errors_total', help: 'Errors that no code expects: each one is a bug', registers }),
    databases: new Gauge({
      name: 'howdah_databases',
      help: 'Databases by phase',
      labelNames: ['phase'],
      registers,
    }),
    operations: new Counter({
      name: 'howdah_operations_total',
      help: 'Operations that ended, by type and outcome',
      labelNames: ['type', 'outcome'],
      registers,
    }),
    operationDuration: new Histogram({
      name: 'howdah_operation_duration_seconds',
      help: 'From asked for to ended',
      labelNames: ['type', 'outcome'],
      registers,
      buckets: [
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
        30,
        60,
        300,
        1800,
      ],
    }),
    reconcile: new Histogram({
      name: 'howdah_reconcile_duration_seconds',
      help: 'One step of one operation',
      labelNames: ['type'],
      registers,
      buckets: [
        0.001,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        5,
        30,
      ],
    }),
    queueDepth: new Gauge({ name: 'howdah_queue_depth', help: 'Operations that have not ended', registers }),
    queueAge: new Gauge({ name: 'howdah_queue_oldest_seconds', help: 'Age of the oldest operation that has not ended', registers }),
    storeUp: new Gauge({ name: 'howdah_store_up', help: '1: the store answered when it was asked last', registers }),
    storePool: new Gauge({
      name: 'howdah_store_connections',
      help: 'Connections to the store',
      labelNames: ['state'],
      registers,
    }),
    streams: new Gauge({ name: 'howdah_event_streams', help: 'Open event streams', registers }),
    logins: new Counter({
      name: 'howdah_logins_total',
      help: 'Sign-ins by outcome',
      labelNames: ['outcome'],
      registers,
    }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
