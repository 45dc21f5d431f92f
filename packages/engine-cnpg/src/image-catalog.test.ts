import { expect, it } from 'vitest'
import { imageCatalogView } from './image-catalog.ts'

it('a catalogue offers its images, the newest first, with what their tags say of the version', () => {
  const images = [
    { major: 16, image: 'registry.example.org:5000/postgresql:16.10-standard-trixie@sha256:0123' },
    { major: 18, image: 'ghcr.io/cloudnative-pg/postgresql:18.4' },
    { major: 17, image: 'localhost/postgresql:17' },
    { major: 15, image: 'registry.example.org:5000/postgresql@sha256:0123' },
  ]
  expect(imageCatalogView({ metadata: { name: 'postgresql' }, ...{ spec: { images } } })).toEqual({
    name: 'postgresql',
    images: [
      { major: 18, version: '18.4', image: 'ghcr.io/cloudnative-pg/postgresql:18.4' },
      { major: 17, version: '17', image: 'localhost/postgresql:17' },
      { major: 16, version: '16.10', image: 'registry.example.org:5000/postgresql:16.10-standard-trixie@sha256:0123' },
      { major: 15, version: '15', image: 'registry.example.org:5000/postgresql@sha256:0123' },
    ],
  })
})

it('an empty catalogue offers nothing', () => {
  expect(imageCatalogView({ metadata: { name: 'postgresql' } }).images).toEqual([])
})
