import type { Engine } from '@howdah/engine'
import { EngineError } from '@howdah/engine'
import { ApiError } from './kubernetes/api.ts'
import { missingIn } from './kubernetes/definitions.ts'

/** The engine, with what the API refuses in the port's words, whatever was asked. */
export function translated(engine: Engine): Engine {
  return new Proxy(engine, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function')
        return member
      return (...args: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args)
        return answer instanceof Promise
          ? answer.catch((error: unknown) => {
              throw translate(error)
            })
          : answer
      }
    },
  })
}

export function translate(error: unknown): unknown {
  if (!(error instanceof ApiError))
    return error
  if (error.reason === 'AlreadyExists')
    return new EngineError('unavailable', 'Somebody made the same at the same moment; try again.', { cause: error })
  if (error.status === 409)
    return new EngineError('conflict', `Somebody else owns a part of the database's Cluster: ${error.message}`, { cause: error })
  if (error.message.includes('exceeded quota'))
    return new EngineError('exhausted', `The quota of the project's namespace leaves no room: ${error.message}`, { cause: error })
  const webhook = /failed calling webhook "([^"]+)"/.exec(error.message)?.[1]
  if (webhook !== undefined)
    return new EngineError('unavailable', `${webhook.endsWith('.cnpg.io') ? 'The operator\'s' : 'The'} webhook "${webhook}" does not answer, so nothing can be changed now.`, { cause: error })
  // What a policy refuses has the same code as what the account may not do.
  if (error.status === 403 && !/denied (?:the )?request/.test(error.message))
    return new EngineError('unavailable', `This location's account may not do that: ${error.message}`, { cause: error })
  if (error.status === 404)
    return new EngineError('unavailable', missingIn(error) ?? `What was to be changed is not there any more: ${error.message}`, { cause: error })
  return new EngineError('invalid', `The cluster refuses it: ${error.message}`, { cause: error })
}
