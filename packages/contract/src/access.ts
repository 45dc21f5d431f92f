import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, Cursor, Id, Limit, Name, nullable, oneOf, page, Timestamp } from './common.ts'
import { actions, roles } from './permissions.ts'

const Email = Type.String({ maxLength: 254, pattern: '^[^@\\s]+@[^@\\s]+$', description: 'Compared without regard to case' })
const PersonName = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })
const NewPassword = Type.String({ minLength: 12, maxLength: 256, description: '12 to 256 characters' })
const Role = oneOf(roles)

export const UserRef = closed({
  id: Id,
  email: Type.String(),
  name: Type.String(),
}, { title: 'UserRef' })
export const ProjectRef = closed({
  id: Id,
  name: Type.String(),
  role: Role,
}, { title: 'ProjectRef', description: 'A project and the caller\'s role in it' })

export const Login = closed({
  email: Type.String({ maxLength: 254 }),
  password: Type.String({ maxLength: 256 }),
  project: Type.Optional(Type.String({ maxLength: 63, description: 'Project that the credential is for. Default: the one used last, else the first' })),
  cookie: Type.Optional(Type.Boolean({ default: false, description: 'True: the tokens come as HttpOnly cookies and not in the body (for browsers)' })),
}, { title: 'Login' })
export type Login = Static<typeof Login>

export const Session = closed({
  token: Type.Optional(Type.String({ description: 'JWT for `Authorization: Bearer`; absent for a cookie session' })),
  expiresAt: Timestamp,
  refreshToken: Type.Optional(Type.String({ description: 'Good for one refresh; absent for a cookie session' })),
  user: UserRef,
  project: ProjectRef,
}, { title: 'Session' })
export type Session = Static<typeof Session>

export const Refresh = closed({
  refreshToken: Type.Optional(Type.String({ maxLength: 200, description: 'Not needed when the cookie carries it' })),
  project: Type.Optional(Type.String({ maxLength: 63, description: 'Switch to this project' })),
}, { title: 'Refresh' })

export const PasswordChange = closed({
  currentPassword: Type.String({ maxLength: 256 }),
  newPassword: NewPassword,
}, { title: 'PasswordChange' })

export const Me = closed({
  kind: oneOf(['user', 'api-key']),
  user: nullable(UserRef),
  apiKey: nullable(closed({
    id: Id,
    name: Type.String(),
  })),
  isOperator: Type.Boolean(),
  project: ProjectRef,
  actions: Type.Array(oneOf(actions), { description: 'What this credential allows here' }),
  projects: Type.Array(ProjectRef, { description: 'Where the person is a member; an API key has its own only' }),
}, { title: 'Me' })
export type Me = Static<typeof Me>

export const Quota = closed({
  databases: nullable(Type.Integer({ minimum: 0, maximum: 1000000 })),
  storageGib: nullable(Type.Integer({ minimum: 0, maximum: 100000000 })),
  cpu: nullable(Type.Number({ minimum: 0, maximum: 1000000 })),
  memoryMib: nullable(Type.Integer({ minimum: 0, maximum: 1000000000 })),
}, { title: 'Quota', description: 'Most of each in the project, replicas counted; null: no limit' })

export const ProjectCreate = closed({
  name: Name,
  description: Type.Optional(Type.String({ maxLength: 500 })),
  quota: Type.Optional(Type.Partial(Quota, { additionalProperties: false, title: 'QuotaChange' })),
}, { title: 'ProjectCreate' })
export type ProjectCreate = Static<typeof ProjectCreate>

export const ProjectUpdate = closed({
  description: Type.Optional(Type.String({ maxLength: 500 })),
  quota: Type.Optional(Type.Partial(Quota, { additionalProperties: false, title: 'QuotaChange' })),
}, { title: 'ProjectUpdate', description: 'The quota may be changed by an operator only', minProperties: 1 })
export type ProjectUpdate = Static<typeof ProjectUpdate>

export const Project = closed({
  id: Id,
  name: Type.String(),
  description: Type.String(),
  role: nullable(oneOf(roles, { description: 'The caller\'s' })),
  quota: Quota,
  usage: closed({
    databases: Type.Integer(),
    storageGib: Type.Integer(),
    cpu: Type.Number(),
    memoryMib: Type.Integer(),
  }),
  createdAt: Timestamp,
}, { title: 'Project' })
export type Project = Static<typeof Project>
export const ProjectPage = page(Project, 'ProjectPage')
export const ProjectParams = closed({
  project: Type.String({ maxLength: 63 }),
})

export const MemberAdd = closed({ email: Email, role: Role }, { title: 'MemberAdd' })
export const MemberUpdate = closed({ role: Role }, { title: 'MemberUpdate' })
export const ProjectMember = closed({ user: UserRef, role: Role, createdAt: Timestamp }, { title: 'ProjectMember' })
export const ProjectMemberPage = page(ProjectMember, 'ProjectMemberPage')
export const MemberParams = closed({
  project: Type.String({ maxLength: 63 }),
  user: Type.String({ maxLength: 63 }),
})

export const UserCreate = closed({
  email: Email,
  name: PersonName,
  password: Type.Optional(NewPassword),
  isOperator: Type.Optional(Type.Boolean()),
}, { title: 'UserCreate', description: 'Without a password one is generated and answered once' })
export const UserUpdate = closed({
  name: Type.Optional(PersonName),
  password: Type.Optional(NewPassword),
  isOperator: Type.Optional(Type.Boolean()),
  isDisabled: Type.Optional(Type.Boolean({ description: 'True: every session and API key of the person ends' })),
}, { title: 'UserUpdate', minProperties: 1 })
export const User = closed({
  id: Id,
  email: Type.String(),
  name: Type.String(),
  isOperator: Type.Boolean(),
  isDisabled: Type.Boolean(),
  lastLoginAt: nullable(Timestamp),
  createdAt: Timestamp,
  password: Type.Optional(Type.String({ description: 'Only in the answer to a create without one' })),
}, { title: 'User', description: 'A person' })
export type User = Static<typeof User>
export const UserPage = page(User, 'UserPage')
export const UserParams = closed({
  user: Type.String({ maxLength: 63 }),
})

export const ApiKeyCreate = closed({
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]*$' }),
  role: Type.Optional(Role),
  scopes: Type.Optional(Type.Array(oneOf(actions), { minItems: 1, uniqueItems: true, description: 'Narrows the role to these actions. Default: all of the role' })),
  expiresAt: Type.Optional(nullable(Timestamp)),
}, { title: 'ApiKeyCreate', description: 'Default role: developer. Default expiry: 90 days from now; null: never' })
export type ApiKeyCreate = Static<typeof ApiKeyCreate>
export const ApiKey = closed({
  id: Id,
  name: Type.String(),
  role: Role,
  scopes: nullable(Type.Array(oneOf(actions))),
  prefix: Type.String({ description: 'How the key begins' }),
  lastFour: Type.String(),
  createdBy: Type.String(),
  createdAt: Timestamp,
  expiresAt: nullable(Timestamp),
  lastUsedAt: nullable(Timestamp),
  key: Type.Optional(Type.String({ description: 'The whole key: only in the answer to its create' })),
}, { title: 'ApiKey' })
export type ApiKey = Static<typeof ApiKey>
export const ApiKeyPage = page(ApiKey, 'ApiKeyPage')
export const ApiKeyParams = closed({
  id: Type.String({ maxLength: 63 }),
})

export const PageQuery = closed({
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Limit),
})
