import type { components } from './generated/api.ts'

/** Every body and answer of the API by its name in the contract: `Schemas['Database']`. */
export type Schemas = components['schemas']

/** One managed PostgreSQL. */
export type Database = Schemas['Database']
export type DatabaseCreate = Schemas['DatabaseCreate']
export type DatabaseUpdate = Schemas['DatabaseUpdate']
/** Address, user and password, ready to copy in many forms. A secret. */
export type Connection = Schemas['Connection']
/** How a connection went, step by step. */
export type Diagnosis = Schemas['Diagnosis']
export type Extension = Schemas['Extension']
export type Parameter = Schemas['Parameter']
/** What was measured of a database over time. */
export type Metrics = Schemas['Metrics']
/** A PostgreSQL role of a database. */
export type DatabaseUser = Schemas['DatabaseUser']
export type DatabaseUserCreate = Schemas['DatabaseUserCreate']
export type DatabaseUserUpdate = Schemas['DatabaseUserUpdate']
/** A logical database: `CREATE DATABASE`. */
export type Db = Schemas['Db']
export type DbCreate = Schemas['DbCreate']
/** A base backup that is complete. */
export type Backup = Schemas['Backup']
/** A database that is gone, and whose archive is kept for a while. */
export type DeletedDatabase = Schemas['DeletedDatabase']
export type RestoreWindow = Schemas['RestoreWindow']
export type SchemaDiff = Schemas['SchemaDiff']
/** A moment with a name. */
export type RestorePoint = Schemas['RestorePoint']
/** What a database becomes again. */
export type Restore = Schemas['Restore']
export type Upgrade = Schemas['Upgrade']
export type UpgradeOrder = Schemas['UpgradeOrder']
export type UpgradeRehearse = Schemas['UpgradeRehearse']
/** The state that a new database begins with. */
export type From = Schemas['From']
/** A durable piece of work, with steps and progress. */
export type Operation = Schemas['Operation']
/** What a change would do: the answer to `dryRun`. */
export type Plan = Schemas['Plan']
/** One message of the event stream. */
export type StreamEvent = Schemas['StreamEvent']
/** Something that happened to a database. */
export type ServiceEvent = Schemas['ServiceEvent']
/** One record of PostgreSQL's own log. */
export type LogRecord = Schemas['LogRecord']
/** Who did what to what, when, from where, with what outcome. */
export type AuditEntry = Schemas['AuditEntry']
export type AuditVerification = Schemas['AuditVerification']
export type Capabilities = Schemas['Capabilities']
export type Me = Schemas['Me']
export type Session = Schemas['Session']
export type Project = Schemas['Project']
export type ProjectCreate = Schemas['ProjectCreate']
export type ProjectUpdate = Schemas['ProjectUpdate']
export type ProjectMember = Schemas['ProjectMember']
export type ApiKey = Schemas['ApiKey']
export type ApiKeyCreate = Schemas['ApiKeyCreate']
/** A person of the installation. */
export type Person = Schemas['User']
export type PersonCreate = Schemas['UserCreate']
export type PersonUpdate = Schemas['UserUpdate']
export type Phase = Database['phase']
export type Role = Schemas['ProjectRef']['role']
/** Something that can be allowed, such as `databases.create`. */
export type Action = Me['actions'][number]
