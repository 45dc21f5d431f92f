#!/usr/bin/env node
/**
 * The `howdah` command. It speaks to the API through the SDK and knows nothing of the server. Standard output carries
 * what was asked for and nothing else; a secret never stands in a command line.
 */
import process from 'node:process'
import { processTerminal } from './process-terminal.ts'
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), processTerminal())
