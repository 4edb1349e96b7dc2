/** A chart's file is called what it shows. */
export function fileName(title: string, ending: string): string {
  const name = title.replaceAll(/[\\/:*?"<>|]+/g, ' ').replaceAll(/\s+/g, ' ')
  return `${name.trim()}.${ending}`
}

/** The browser's download of a file. */
export function save(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // A click is followed a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** A drawing as a file of its own, on the page's ground. */
export function svgOf(drawn: SVGSVGElement): Blob {
  const copy = drawn.cloneNode(true) as SVGSVGElement
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  const { backgroundColor } = getComputedStyle(drawn.closest('.panel') ?? document.body)
  copy.style.backgroundColor = backgroundColor
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' })
}

/** The same in points, twice as many as on the screen. */
export async function pngOf(svg: Blob, { clientWidth, clientHeight }: Element): Promise<Blob> {
  const image = new Image()
  image.src = URL.createObjectURL(svg)
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = 2 * clientWidth
  canvas.height = 2 * clientHeight
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  URL.revokeObjectURL(image.src)
  return pngOfCanvas(canvas)
}

/** What a canvas shows. */
export function pngOfCanvas(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((png) => (png === null ? reject(new Error('no image')) : resolve(png))),
  )
}

const grouped = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/

/** Text with a comma or a quote stands in quotes; figures lose their thousands' commas. */
function cell(text: string): string {
  if (grouped.test(text)) return text.replaceAll(',', '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What a cell says, without the intervals in its second line and what only machines read aloud. */
function textOf(element: Element): string {
  const copy = element.cloneNode(true) as Element
  for (const aside of copy.querySelectorAll('.interval, .visually-hidden')) aside.remove()
  return (copy.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
}

/** A table as comma-separated values, row by row as it is shown. */
export function tableCsv(table: HTMLTableElement): string {
  return [...table.querySelectorAll('tr')]
    .map((row) => [...row.querySelectorAll('th, td')].map((one) => cell(textOf(one))))
    .filter((cells) => cells.some((text) => text !== ''))
    .map((cells) => `${cells.join(',')}\n`)
    .join('')
}
