/** Sections of a configuration file as OpenStack, libvirt and MariaDB read it: `null` is a switch without a value. */
export type Sections = Readonly<Record<string, Readonly<Record<string, string | number | boolean | null>>>>

export function ini(sections: Sections): string {
  return Object.entries(sections).flatMap(([name, values]) => [
    ...name === '' ? [] : [`[${name}]`],
    ...Object.entries(values).map(([key, value]) => value === null ? key : `${key}=${value}`),
    '',
  ]).join('\n')
}
