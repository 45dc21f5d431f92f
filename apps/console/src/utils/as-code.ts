import type { DatabaseCreate } from '@howdah/sdk'
import { lifetimeFlag } from './expiry.ts'
import { momentFlag } from './moment.ts'

/** The same create, for people who would rather type it. */
export function asCode(body: DatabaseCreate, origin: string): Readonly<Record<'CLI' | 'curl' | 'TypeScript' | 'Go', string>> {
  return { CLI: cli(body), curl: curl(body, origin), TypeScript: typescript(body), Go: go(body, origin) }
}

function quote(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll('\'', String.raw`'\''`)}'`
}

function cli(body: DatabaseCreate): string {
  const many = (flag: string, values: readonly string[] = []) => values.map(value => `--${flag} ${quote(value)}`)
  const entries = (values: Readonly<Record<string, string>> = {}) => Object.entries(values).map(([key, value]) => `${key}=${value}`)
  const one = (flag: string, value: string | number | undefined, unit = '') => value === undefined ? [] : [`--${flag} ${quote(`${value}${unit}`)}`]
  const { from, backup, maintenanceWindow: window } = body
  const moment = from && momentFlag(from)
  return [
    from ? `howdah restore ${quote(from.database)} ${quote(body.name)}` : `howdah db create ${quote(body.name)}`,
    ...(moment ? one(moment.flag, moment.value) : []),
    ...one('version', body.version),
    ...one('location', body.location),
    ...one('instances', body.instances),
    ...one('storage', body.storageGib, 'GiB'),
    ...one('cpu', body.cpu),
    ...one('memory', body.memoryMib, 'MiB'),
    ...one('durability', body.durability),
    ...many('label', entries(body.labels)),
    ...many('param', entries(body.parameters)),
    ...many('extension', body.extensions),
    ...many('allow-cidr', body.allowedCidrs),
    ...(backup?.schedule === undefined ? [] : one('backup-schedule', backup.schedule ?? 'none')),
    ...(backup?.drillSchedule === undefined ? [] : one('drill-schedule', backup.drillSchedule ?? 'none')),
    ...one('backup-time-zone', backup?.timeZone),
    ...one('retention', backup?.retentionDays),
    ...many('window-day', window?.days),
    ...one('window-start', window?.start),
    ...one('window-duration', window?.durationMinutes, 'm'),
    ...one('window-time-zone', window?.timeZone),
    ...(body.expiresAt ? one('expires-in', lifetimeFlag(body.expiresAt, Date.now())) : []),
    ...(body.deletionProtection ? ['--protect'] : []),
  ].join(' \\\n  ')
}

function curl(body: DatabaseCreate, origin: string): string {
  return [
    'curl --fail-with-body',
    '-H "Authorization: Bearer $HOWDAH_TOKEN"',
    '-H \'Content-Type: application/json\' -H \'Prefer: wait=30\'',
    `-d ${quote(JSON.stringify(body))}`,
    `${origin}/api/databases`,
  ].join(' \\\n  ')
}

function typescript(body: DatabaseCreate): string {
  return `await howdah.databases.create(${literal(body)})
await howdah.databases.waitUntilReady(${literal(body.name)})
const { formats } = await howdah.databases.connection(${literal(body.name)})`
}

/** A whole program: what the standard library has is enough. */
function go(body: DatabaseCreate, origin: string): string {
  return `package main

import (
  "fmt"
  "io"
  "log"
  "net/http"
  "os"
  "strings"
)

func main() {
  body := strings.NewReader(${goText(JSON.stringify(body))})
  req, err := http.NewRequest("POST", ${goText(`${origin}/api/databases`)}, body)
  if err != nil {
    log.Fatal(err)
  }
  req.Header.Set("Authorization", "Bearer "+os.Getenv("HOWDAH_TOKEN"))
  req.Header.Set("Content-Type", "application/json")
  req.Header.Set("Prefer", "wait=30")
  res, err := http.DefaultClient.Do(req)
  if err != nil {
    log.Fatal(err)
  }
  defer res.Body.Close()
  answer, err := io.ReadAll(res.Body)
  if err != nil {
    log.Fatal(err)
  }
  if res.StatusCode != http.StatusCreated {
    log.Fatalf("%s: %s", res.Status, answer)
  }
  fmt.Println(string(answer))
}`.replaceAll(/^(?: {2})+/gm, indent => '\t'.repeat(indent.length / 2))
}

/** A raw string where that is possible; else in quotes, whose escapes JSON and Go share. */
function goText(text: string): string {
  return text.includes('"') && !/[`\r]/.test(text) ? `\`${text}\`` : JSON.stringify(text)
}

function literal(value: unknown, indent = ''): string {
  if (typeof value === 'string')
    return `'${value.replaceAll('\\', '\\\\').replaceAll('\'', '\\\'').replaceAll('\n', '\\n')}'`
  if (Array.isArray(value))
    return `[${value.map(item => literal(item, indent)).join(', ')}]`
  if (typeof value !== 'object' || value === null)
    return String(value)
  const deeper = `${indent}  `
  const fields = Object.entries(value).map(([key, item]) => `${deeper}${/^[a-z_$][\w$]*$/i.test(key) ? key : literal(key)}: ${literal(item, deeper)},\n`)
  return fields.length === 0 ? '{}' : `{\n${fields.join('')}${indent}}`
}
