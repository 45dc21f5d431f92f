import type { CallOptions, CreateOptions } from '../call.ts'
import type { Listing } from '../listing.ts'
import type { ApiKey, ApiKeyCreate, Person, PersonCreate, PersonUpdate, Project, ProjectCreate, ProjectMember, ProjectUpdate, Role } from '../models.ts'
import type { Transport } from '../transport.ts'
import { listing } from '../listing.ts'

/** For a POST that is done when it is answered. */
export type MakeOptions = CallOptions & Pick<CreateOptions, 'idempotencyKey'>

/** Tenants: `client.projects`. */
export function projects(transport: Transport) {
  return {
    /** The caller's; all of them for an operator. */
    list: (options?: CallOptions): Listing<Project> =>
      listing(cursor => transport.call('projects.list', {
        query: {
          ...(cursor && { cursor }),
        },
      }, options)),
    create: (body: ProjectCreate, options?: MakeOptions): Promise<Project> => transport.call('projects.create', { body }, options),
    get: (project: string, options?: CallOptions): Promise<Project> => transport.call('projects.get', {
      path: { project },
    }, options),
    update: (project: string, body: ProjectUpdate, options?: CallOptions): Promise<Project> => transport.call('projects.update', {
      path: { project },
      body,
    }, options),
    /** Only an empty one. */
    delete: (project: string, options?: CallOptions): Promise<void> => transport.call('projects.delete', {
      path: { project },
    }, options),
  }
}

/** People in a project: `client.members`. `user` is an id or an e-mail address. */
export function members(transport: Transport) {
  return {
    list: (project: string, options?: CallOptions): Listing<ProjectMember> =>
      listing(cursor => transport.call('members.list', {
        path: { project },
        query: {
          ...(cursor && { cursor }),
        },
      }, options)),
    add: (project: string, body: { readonly email: string, readonly role: Role }, options?: MakeOptions): Promise<ProjectMember> =>
      transport.call('members.add', {
        path: { project },
        body,
      }, options),
    update: (project: string, user: string, body: { readonly role: Role }, options?: CallOptions): Promise<ProjectMember> =>
      transport.call('members.update', {
        path: { project, user },
        body,
      }, options),
    remove: (project: string, user: string, options?: CallOptions): Promise<void> =>
      transport.call('members.remove', {
        path: { project, user },
      }, options),
  }
}

/** Credentials for programs: `client.apiKeys`. */
export function apiKeys(transport: Transport) {
  return {
    list: (options?: CallOptions): Listing<ApiKey> =>
      listing(cursor => transport.call('apiKeys.list', {
        query: {
          ...(cursor && { cursor }),
        },
      }, options)),
    /** The whole key is in `key`, this once. */
    create: (body: ApiKeyCreate, options?: MakeOptions): Promise<ApiKey> => transport.call('apiKeys.create', { body }, options),
    get: (id: string, options?: CallOptions): Promise<ApiKey> => transport.call('apiKeys.get', {
      path: { id },
    }, options),
    delete: (id: string, options?: CallOptions): Promise<void> => transport.call('apiKeys.delete', {
      path: { id },
    }, options),
  }
}

/** People of the installation, for operators: `client.people`. `user` is an id or an e-mail address. */
export function people(transport: Transport) {
  return {
    list: (options?: CallOptions): Listing<Person> =>
      listing(cursor => transport.call('people.list', {
        query: {
          ...(cursor && { cursor }),
        },
      }, options)),
    /** Without a password one is generated, and answered this once. */
    create: (body: PersonCreate, options?: MakeOptions): Promise<Person> => transport.call('people.create', { body }, options),
    get: (user: string, options?: CallOptions): Promise<Person> => transport.call('people.get', {
      path: { user },
    }, options),
    update: (user: string, body: PersonUpdate, options?: CallOptions): Promise<Person> => transport.call('people.update', {
      path: { user },
      body,
    }, options),
    delete: (user: string, options?: CallOptions): Promise<void> => transport.call('people.delete', {
      path: { user },
    }, options),
  }
}

export type Projects = ReturnType<typeof projects>
export type Members = ReturnType<typeof members>
export type ApiKeys = ReturnType<typeof apiKeys>
export type People = ReturnType<typeof people>
