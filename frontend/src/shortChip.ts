/** "H200 SXM" of "NVIDIA H200 SXM 141 GB": enough for a sentence, the card says the rest. */
export function shortChip(title: string): string {
  return title.replace(/^(?:NVIDIA|AMD|Google|Huawei|Intel) /, '').replace(/ \d+ ?G(?:i)?B$/, '')
}
