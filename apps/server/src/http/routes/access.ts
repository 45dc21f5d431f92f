import type { Route } from '../route.ts'
import { create as createApiKey } from './api-keys/create.ts'
import { remove as deleteApiKey } from './api-keys/delete.ts'
import { get as getApiKey } from './api-keys/get.ts'
import { list as listApiKeys } from './api-keys/list.ts'
import { list as listAudit } from './audit/list.ts'
import { verify } from './audit/verify.ts'
import { login } from './auth/login.ts'
import { logout } from './auth/logout.ts'
import { me } from './auth/me.ts'
import { password } from './auth/password.ts'
import { refresh } from './auth/refresh.ts'
import { logs } from './databases/logs.ts'
import { add } from './members/add.ts'
import { list as listMembers } from './members/list.ts'
import { remove as removeMember } from './members/remove.ts'
import { update as updateMember } from './members/update.ts'
import { create as createPerson } from './people/create.ts'
import { remove as deletePerson } from './people/delete.ts'
import { get as getPerson } from './people/get.ts'
import { list as listPeople } from './people/list.ts'
import { update as updatePerson } from './people/update.ts'
import { create as createProject } from './projects/create.ts'
import { remove as deleteProject } from './projects/delete.ts'
import { get as getProject } from './projects/get.ts'
import { list as listProjects } from './projects/list.ts'
import { update as updateProject } from './projects/update.ts'

/** Who may do what, and who did. */
export const accessRoutes: readonly Route[] = [
  login,
  refresh,
  logout,
  me,
  password,
  listProjects,
  createProject,
  getProject,
  updateProject,
  deleteProject,
  listMembers,
  add,
  updateMember,
  removeMember,
  listPeople,
  createPerson,
  getPerson,
  updatePerson,
  deletePerson,
  listApiKeys,
  createApiKey,
  getApiKey,
  deleteApiKey,
  listAudit,
  verify,
  logs,
]
