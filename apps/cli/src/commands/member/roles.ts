import { choice } from '../../input/parameters.ts'

export const role = choice('--role <role>', 'what they may do in the project', ['viewer', 'developer', 'admin'], { field: '/role' })
