import { type PointerEvent, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { usePalette } from '@/charts/palette'
import { extentOf, type Scale, scaleOf } from '@/charts/scale'
import './charts.css'

export interface Figure {
  readonly title: string
  readonly values: ArrayLike<number>
  readonly isLog: boolean
}

/** A part of both axes, in figures. */
export interface Box {
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
}

/** A run of points in one colour, with those that nothing beats joined by a line. */
export interface Series {
  readonly color: string
  readonly line: string
  readonly isDashed?: boolean
  readonly from: number
  readonly to: number
  readonly front: readonly number[]
}

/** A point that stands out, with a short word in it. */
export interface Mark {
  readonly point: number
  readonly color: string
  readonly label?: string
}

interface PointsCanvasProps {
  label: string
  x: Figure
  y: Figure
  series: readonly Series[]
  marks: readonly Mark[]
  limits: readonly { readonly axis: 'x' | 'y'; readonly value: number; readonly label: string }[]
  box?: Box | undefined
  height: number
  format: (value: number) => string
  describe: (index: number) => string
  onSelect: (index: number) => void
  /** Without it no rectangle is drawn. */
  onBox?: (box: Box | undefined) => void
}

const edge = { left: 66, right: 18, top: 16, bottom: 44 }
const near = 12

type Place = readonly [number, number]

function usePlaces(x: Figure, y: Figure, width: number, height: number) {
  return useMemo(() => {
    const across = scaleOf(extentOf(x.values), edge.left, width - edge.right, x.isLog)
    const up = scaleOf(extentOf(y.values), height - edge.bottom, edge.top, y.isLog)
    const places = new Float32Array(2 * x.values.length)
    for (let i = 0; i < x.values.length; i += 1) {
      places[2 * i] = across.place(x.values[i] ?? Number.NaN)
      places[2 * i + 1] = up.place(y.values[i] ?? Number.NaN)
    }
    return { across, up, places }
  }, [x, y, width, height])
}

/** The point nearest to a place, if one is near. */
function nearest(places: Float32Array, [x, y]: Place): number | undefined {
  let [found, least]: [number | undefined, number] = [undefined, near ** 2]
  for (let i = 0; i < places.length / 2; i += 1) {
    const distance = ((places[2 * i] ?? 0) - x) ** 2 + ((places[2 * i + 1] ?? 0) - y) ** 2
    if (distance < least) [found, least] = [i, distance]
  }
  return found
}

/** The canvas's size on the screen, kept up to date. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return width
}

interface Drawn
  extends Pick<PointsCanvasProps, 'x' | 'y' | 'series' | 'marks' | 'limits' | 'format'> {
  across: Scale
  up: Scale
  places: Float32Array
  width: number
  height: number
  palette: ReturnType<typeof usePalette>
}

function drawAxes(to: CanvasRenderingContext2D, drawn: Drawn) {
  const { across, up, width, height, palette, format, x, y } = drawn
  const [bottom, right] = [height - edge.bottom, width - edge.right]
  to.strokeStyle = palette.line
  to.fillStyle = palette.muted
  to.lineWidth = 1
  to.font = '11px sans-serif'
  to.textAlign = 'center'
  let last = Number.NEGATIVE_INFINITY
  for (const tick of across.ticks) {
    const place = Math.round(across.place(tick)) + 0.5
    to.beginPath()
    to.moveTo(place, edge.top)
    to.lineTo(place, bottom)
    to.stroke()
    const text = format(tick)
    const half = to.measureText(text).width / 2 + 4
    if (place - half < last) continue
    last = place + half
    to.fillText(text, place, bottom + 15)
  }
  to.textAlign = 'right'
  for (const tick of up.ticks) {
    const place = Math.round(up.place(tick)) + 0.5
    to.beginPath()
    to.moveTo(edge.left, place)
    to.lineTo(right, place)
    to.stroke()
    to.fillText(format(tick), edge.left - 6, place + 4)
  }
  to.font = '12px sans-serif'
  to.textAlign = 'center'
  to.fillText(x.title, (edge.left + right) / 2, height - 8)
  to.save()
  to.translate(14, (edge.top + bottom) / 2)
  to.rotate(-Math.PI / 2)
  to.fillText(y.title, 0, 0)
  to.restore()
}

function drawLimits(to: CanvasRenderingContext2D, drawn: Drawn) {
  const { across, up, width, height, palette, limits } = drawn
  to.save()
  to.setLineDash([5, 4])
  to.strokeStyle = palette.text
  to.fillStyle = palette.text
  to.textAlign = 'left'
  to.font = '11px sans-serif'
  for (const { axis, value, label } of limits) {
    const place = axis === 'x' ? across.place(value) : up.place(value)
    const [from, end] =
      axis === 'x' ? [edge.left, width - edge.right] : [edge.top, height - edge.bottom]
    if (place < from || place > end) continue
    to.beginPath()
    if (axis === 'x') {
      to.moveTo(place, edge.top)
      to.lineTo(place, height - edge.bottom)
      to.fillText(label, place + 4, edge.top + 10)
    } else {
      to.moveTo(edge.left, place)
      to.lineTo(width - edge.right, place)
      to.fillText(label, edge.left + 4, place - 4)
    }
    to.stroke()
  }
  to.restore()
}

function drawPoints(to: CanvasRenderingContext2D, drawn: Drawn) {
  const { places, palette, series, marks } = drawn
  to.globalAlpha = places.length > 4000 ? 0.3 : 0.6
  const side = places.length > 4000 ? 3 : places.length > 200 ? 5 : 8
  for (const { color, from, to: end } of series) {
    to.fillStyle = color
    for (let i = 2 * from; i < 2 * end; i += 2) {
      to.fillRect((places[i] ?? 0) - side / 2, (places[i + 1] ?? 0) - side / 2, side, side)
    }
  }
  to.globalAlpha = 1
  to.lineWidth = 1.6
  for (const { line, isDashed, front } of series) {
    to.strokeStyle = line
    to.setLineDash(isDashed ? [6, 3] : [])
    to.beginPath()
    for (const point of front) to.lineTo(places[2 * point] ?? 0, places[2 * point + 1] ?? 0)
    to.stroke()
  }
  to.setLineDash([])
  to.font = 'bold 10px sans-serif'
  to.textAlign = 'center'
  for (const { point, color, label } of marks) {
    const [x, y] = [places[2 * point] ?? 0, places[2 * point + 1] ?? 0]
    to.beginPath()
    to.arc(x, y, label === undefined ? 7 : 9, 0, 2 * Math.PI)
    to.fillStyle = color
    to.fill()
    to.strokeStyle = palette.surface
    to.stroke()
    if (label === undefined) continue
    to.fillStyle = palette.surface
    to.fillText(label, x, y + 3.5)
  }
}

/** Many points, drawn at once: a click chooses the nearest, a rectangle drawn keeps what is in it. */
export function PointsCanvas(props: PointsCanvasProps) {
  const { label, x, y, series, marks, limits, box, height, format, describe } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const place = useRef<HTMLDivElement>(null)
  const palette = usePalette()
  const width = useWidth(place)
  const { across, up, places } = usePlaces(x, y, width, height)
  const [hovered, setHovered] = useState<number>()
  const [drag, setDrag] = useState<{ from: Place; to: Place }>()
  const draw = useEffectEvent((to: CanvasRenderingContext2D) => {
    const drawn = {
      across,
      up,
      places,
      width,
      height,
      palette,
      series,
      marks,
      limits,
      format,
      x,
      y,
    }
    drawAxes(to, drawn)
    drawPoints(to, drawn)
    drawLimits(to, drawn)
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is drawn
  useEffect(() => {
    const target = canvas.current
    const to = target?.getContext('2d')
    if (target == null || to == null || width === 0) return
    const ratio = window.devicePixelRatio || 1
    target.width = width * ratio
    target.height = height * ratio
    to.scale(ratio, ratio)
    draw(to)
  }, [places, palette, series, marks, limits, width, height])

  const at = ({ nativeEvent }: PointerEvent): Place => [nativeEvent.offsetX, nativeEvent.offsetY]
  const move = (event: PointerEvent) => {
    if (drag !== undefined) setDrag({ from: drag.from, to: at(event) })
    else setHovered(nearest(places, at(event)))
  }
  const release = (event: PointerEvent) => {
    if (drag === undefined) return
    const [from, to] = [drag.from, at(event)]
    setDrag(undefined)
    if (Math.abs(from[0] - to[0]) < 4 && Math.abs(from[1] - to[1]) < 4) {
      const point = nearest(places, to)
      if (point !== undefined) props.onSelect(point)
      else props.onBox?.(undefined)
      return
    }
    const sorted = (one: number, other: number) =>
      one < other ? ([one, other] as const) : ([other, one] as const)
    props.onBox?.({
      x: sorted(across.value(from[0]), across.value(to[0])),
      y: sorted(up.value(from[1]), up.value(to[1])),
    })
  }
  const drawnBox =
    (props.onBox && drag) ??
    (box && {
      from: [across.place(box.x[0]), up.place(box.y[0])] as const,
      to: [across.place(box.x[1]), up.place(box.y[1])] as const,
    })
  return (
    <div ref={place} className="chart points" style={{ height }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        style={{ width: '100%', height }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setDrag({ from: at(event), to: at(event) })
        }}
        onPointerMove={move}
        onPointerUp={release}
        onPointerLeave={() => setHovered(undefined)}
      />
      {drawnBox && (
        <span
          className="points-box"
          style={{
            left: Math.min(drawnBox.from[0], drawnBox.to[0]),
            top: Math.min(drawnBox.from[1], drawnBox.to[1]),
            width: Math.abs(drawnBox.from[0] - drawnBox.to[0]),
            height: Math.abs(drawnBox.from[1] - drawnBox.to[1]),
          }}
        />
      )}
      {hovered !== undefined && drag === undefined && (
        <output
          className="points-tip"
          style={{
            left: Math.min(places[2 * hovered] ?? 0, width - 240),
            top: (places[2 * hovered + 1] ?? 0) + 12,
          }}
        >
          {describe(hovered)}
        </output>
      )}
    </div>
  )
}
