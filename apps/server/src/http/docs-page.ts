import { errors } from '@howdah/contract'
import { docsAssets } from './plugins/docs.ts'

/** Nothing from elsewhere and nothing inline: the page works offline, and text of the API cannot become a script. */
export const docsHeaders = {
  'Content-Security-Policy': 'default-src \'none\'; script-src \'self\'; style-src \'self\'; img-src \'self\' data:; font-src \'self\' data:; connect-src \'self\'; base-uri \'none\'; form-action \'none\'; frame-ancestors \'none\'',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
}

/** The reference: the endpoints as Swagger UI draws them, and the error codes, each where its problem's `type` points to. */
export function docsPage(version: string): string {
  const rows = Object.entries(errors).map(([code, { status, title, retryable }]) => `
        <tr id="error-${code}"><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}</td><td>${retryable ? 'Later' : 'No'}</td></tr>`)
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Howdah API ${escape(version)}</title>
    <link rel="icon" href="${docsAssets.icon}">
    <link rel="stylesheet" href="${docsAssets.swaggerCss}">
    <link rel="stylesheet" href="${docsAssets.css}">
  </head>
  <body>
    <main>
      <div id="reference"><noscript>The reference needs JavaScript. The document it shows is <a href="/api/openapi.json">openapi.json</a>.</noscript></div>
      <section class="errors">
        <h2 id="errors">Error codes</h2>
        <p>Every error is a problem as RFC 9457 has it. Programs compare <code>code</code>; <code>detail</code> says what happened this time and what to do next.</p>
        <table>
          <thead><tr><th>Code</th><th>Status</th><th>Meaning</th><th>Same request again?</th></tr></thead>
          <tbody>${rows.join('')}
          </tbody>
        </table>
      </section>
    </main>
    <script src="${docsAssets.swaggerScript}"></script>
    <script src="${docsAssets.script}"></script>
  </body>
</html>
`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
