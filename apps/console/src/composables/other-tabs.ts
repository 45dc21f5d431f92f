/** All tabs of a browser share its cookies: what one does to the session concerns the others. */
const channel = new BroadcastChannel('howdah-session')

export function tellOtherTabs(): void {
  channel.postMessage('changed')
}

export function onOtherTab(listen: () => void): void {
  channel.onmessage = listen
}
