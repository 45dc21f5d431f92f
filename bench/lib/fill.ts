import type { Pool } from 'pg'

/** Rows as the server writes them, of databases that run nowhere. Answers their project. */
export async function fillDatabases(store: Pool, count: number): Promise<string> {
  const { rows: [project] } = await store.query<{ id: string }>('select id from projects where name = \'default\'')
  await store.query(`
    insert into databases (id, project_id, name, location, labels, version, instances, storage_gib, cpu, memory_mib, durability, extensions, allowed_cidrs, main_db, owner, observed, phase)
    select gen_random_uuid(), $1, (array['orders', 'billing', 'search', 'web'])[1 + n % 4] || '-' || lpad(n::text, 6, '0'), 'local',
      jsonb_build_object('env', (array['prod', 'prod', 'test', 'dev'])[1 + n % 4], 'team', 'team-' || n % 1000) || case when n % 500 = 0 then '{"canary": ""}' else '{}' end::jsonb,
      18, 1, 10, 1, 512, 'async', '{}', array['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7'], 'main', 'main',
      jsonb_build_object('phase', 'ready', 'reason', '', 'message', '', 'since', '2026-01-01T00:00:00.000Z', 'members', jsonb_build_array(jsonb_build_object('name', 'one-1', 'role', 'primary', 'phase', 'ready', 'lagBytes', null)),
        'endpoint', jsonb_build_object('host', '127.0.0.1', 'port', 20000, 'caCertificate', repeat('x', 700)), 'serverVersion', '18.4', 'storageUsedBytes', 40000000, 'connections', 1, 'generation', 1, 'pendingRestart', '[]'::jsonb),
      case when n % 1000 = 1 then 'failed' when n % 50 = 2 then 'hibernated' else 'ready' end
    from generate_series(1, $2) as n`, [project?.id, count])
  await store.query('vacuum analyze databases')
  return project!.id
}
