import type { AuditEntry } from '@howdah/sdk'
import type { AuditFilter } from './audit.ts'
import { onUnmounted, ref } from 'vue'
import { csvLine, download } from '../utils/download.ts'
import { explain } from '../utils/explain.ts'
import { auditPages } from './audit.ts'
import { useNotices } from './notices.ts'

const columns = ['id', 'at', 'actor', 'actorKind', 'action', 'target', 'outcome', 'sourceIp', 'userAgent', 'requestId', 'changes', 'prevHash', 'hash'] as const

const formats = {
  csv: { type: 'text/csv', head: [csvLine(columns)], line: (entry: AuditEntry) => csvLine(columns.map(column => cell(entry[column]))) },
  jsonl: { type: 'application/jsonl', head: [], line: (entry: AuditEntry) => `${JSON.stringify(entry)}\n` },
} as const

function cell(value: AuditEntry[typeof columns[number]]): string {
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Saves all entries that a filter keeps as a file. `read`: how many came so far; undefined while nothing is exported. */
export function useAuditExport() {
  const { tell } = useNotices()
  const read = ref<number>()
  const stop = new AbortController()
  onUnmounted(() => stop.abort())

  async function save(filter: AuditFilter, format: keyof typeof formats): Promise<void> {
    if (read.value !== undefined)
      return
    const { type, head, line } = formats[format]
    const lines: string[] = [...head]
    read.value = 0
    try {
      for await (const { items } of auditPages(filter, stop.signal)) {
        lines.push(...items.map(line))
        read.value += items.length
      }
      download(`audit-${filter.database || 'project'}.${format}`, type, ...lines)
    }
    catch (error) {
      if (!stop.signal.aborted)
        tell(explain(error).title, 'bad')
    }
    finally {
      read.value = undefined
    }
  }
  return { read, save }
}
