import { Canvas, type ThreeEvent, useThree } from '@react-three/fiber'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { Color, type InstancedMesh, Object3D, Vector3 } from 'three'
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js'
import { usePalette } from '@/charts/palette'
import {
  type LinkInSpace,
  type LinkTier,
  linksIn,
  middleOf,
  type Place,
  type Space,
  spaceOf,
  type Tiers,
} from './space'

interface BoxesProps {
  readonly centres: readonly (readonly [number, number, number])[]
  readonly size: readonly [number, number, number]
  /** One for all, or one for each. */
  readonly color: string | readonly string[]
  readonly opacity?: number
  readonly onPoint?: (index: number | undefined) => void
}

/** Equal boxes, drawn at one go. */
function Boxes({ centres, size, color, opacity = 1, onPoint }: BoxesProps) {
  const mesh = useRef<InstancedMesh>(null)
  const redraw = useThree((three) => three.invalidate)
  useLayoutEffect(() => {
    const boxes = mesh.current
    if (boxes === null) return
    const at = new Object3D()
    centres.forEach((centre, index) => {
      at.position.set(...centre)
      at.updateMatrix()
      boxes.setMatrixAt(index, at.matrix)
    })
    boxes.instanceMatrix.needsUpdate = true
    boxes.computeBoundingSphere()
    redraw()
  }, [centres, redraw])
  useLayoutEffect(() => {
    const boxes = mesh.current
    if (boxes === null) return
    const paint = new Color()
    centres.forEach((_, index) => {
      boxes.setColorAt(index, paint.set(typeof color === 'string' ? color : (color[index] ?? '')))
    })
    if (boxes.instanceColor !== null) boxes.instanceColor.needsUpdate = true
    redraw()
  }, [centres, color, redraw])
  const point = (event: ThreeEvent<PointerEvent>) => {
    event.stopPropagation()
    onPoint?.(event.instanceId)
  }
  return (
    <instancedMesh
      // As many as there are: a mesh doesn't grow.
      key={centres.length}
      ref={mesh}
      args={[undefined, undefined, centres.length]}
      {...(onPoint && { onPointerMove: point, onPointerOut: () => onPoint(undefined) })}
    >
      <boxGeometry args={[...size]} />
      <meshLambertMaterial transparent={opacity < 1} opacity={opacity} depthWrite={opacity === 1} />
    </instancedMesh>
  )
}

interface LinksProps {
  readonly links: readonly LinkInSpace[]
  /** Of each of them. */
  readonly colors: readonly string[]
  readonly width: number
}

/** Links as thin bars, drawn at one go. */
function Links({ links, colors, width }: LinksProps) {
  const mesh = useRef<InstancedMesh>(null)
  const redraw = useThree((three) => three.invalidate)
  useLayoutEffect(() => {
    const bars = mesh.current
    if (bars === null) return
    const [at, to, paint] = [new Object3D(), new Vector3(), new Color()]
    links.forEach((link, index) => {
      at.position.set(...link.from)
      to.set(...link.to)
      const length = at.position.distanceTo(to)
      at.position.add(to).multiplyScalar(0.5)
      at.lookAt(to)
      at.scale.set(width, width, length)
      at.updateMatrix()
      bars.setMatrixAt(index, at.matrix)
      bars.setColorAt(index, paint.set(colors[index] ?? ''))
    })
    bars.instanceMatrix.needsUpdate = true
    if (bars.instanceColor !== null) bars.instanceColor.needsUpdate = true
    bars.computeBoundingSphere()
    redraw()
  }, [links, colors, width, redraw])
  return (
    <instancedMesh key={links.length} ref={mesh} args={[undefined, undefined, links.length]}>
      <boxGeometry args={[1, 1, 1]} />
      <meshLambertMaterial />
    </instancedMesh>
  )
}

/** The wheel alone scrolls the page, as everywhere. */
function leaveAlone(event: WheelEvent) {
  if (!event.ctrlKey && !event.metaKey) event.stopPropagation()
}

/** Turned with the mouse or a finger, nearer with Ctrl and the wheel. */
function Orbit({ space }: { space: Space }) {
  const { camera, gl, invalidate } = useThree()
  useEffect(() => {
    const [width, height, depth] = space.size
    const far = 1.15 * Math.hypot(width, height, depth) + 2
    camera.position.set(far * 0.45, far * 0.5 + height / 2, far * 0.75)
    const controls = new OrbitControls(camera, gl.domElement)
    controls.target.set(0, height / 2, 0)
    controls.minDistance = 3
    controls.maxDistance = 3 * far
    controls.addEventListener('change', () => invalidate())
    controls.update()
    const frame = gl.domElement.parentElement
    frame?.addEventListener('wheel', leaveAlone, { capture: true })
    return () => {
      frame?.removeEventListener('wheel', leaveAlone, { capture: true })
      controls.dispose()
    }
  }, [camera, gl, invalidate, space])
  return null
}

interface TopologySpaceProps {
  tiers: Tiers
  /** The chips to be drawn, each with its colour. */
  places: readonly Place[]
  colors?: readonly string[] | undefined
  /** Of the plates beneath the chips. */
  boardColor?: string | undefined
  rackColor?: string | undefined
  /** The colour of each tier's links; none are drawn without. */
  linkColors?: Readonly<Record<LinkTier, string>> | undefined
  label: string
  onPoint?: (index: number | undefined) => void
}

/** A cluster in space; drawn only when something moves. */
export default function TopologySpace(props: TopologySpaceProps) {
  const palette = usePalette()
  const { pods, racks_per_pod, boards_per_rack, chips_per_board } = props.tiers
  const space = useMemo(
    () => spaceOf({ pods, racks_per_pod, boards_per_rack, chips_per_board }),
    [pods, racks_per_pod, boards_per_rack, chips_per_board],
  )
  const chips = useMemo(() => props.places.map(space.place), [props.places, space])
  const racks = useMemo(
    () => Array.from({ length: pods * racks_per_pod }, (_, rack) => middleOf(space, rack)),
    [pods, racks_per_pod, space],
  )
  const boards = useMemo(
    () =>
      racks.flatMap((_, rack) =>
        Array.from({ length: boards_per_rack }, (_, board) => middleOf(space, rack, board)),
      ),
    [racks, boards_per_rack, space],
  )
  const links = useMemo(
    () =>
      props.linkColors === undefined
        ? []
        : linksIn(space, { pods, racks_per_pod, boards_per_rack, chips_per_board }, props.places),
    [props.linkColors, props.places, space, pods, racks_per_pod, boards_per_rack, chips_per_board],
  )
  const linkColors = useMemo(
    () => links.map(({ tier }) => props.linkColors?.[tier] ?? ''),
    [links, props.linkColors],
  )
  return (
    <div className="topology-space" role="img" aria-label={props.label}>
      <Canvas frameloop="demand" dpr={[1, 2]} camera={{ fov: 40, near: 0.1, far: 5000 }}>
        <ambientLight intensity={1.6} />
        <directionalLight position={[2, 5, 3]} intensity={1.8} />
        <Boxes centres={boards} size={space.board} color={props.boardColor ?? palette.line} />
        <Boxes
          centres={racks}
          size={space.rack}
          color={props.rackColor ?? palette.muted}
          opacity={props.rackColor === undefined ? 0.1 : 0.22}
        />
        <Boxes
          centres={chips}
          size={[0.78, 0.3, 0.78]}
          color={props.colors ?? palette.accent}
          {...(props.onPoint && { onPoint: props.onPoint })}
        />
        {links.length > 0 && (
          <Links links={links} colors={linkColors} width={Math.max(0.16, space.size[0] / 140)} />
        )}
        <Orbit space={space} />
      </Canvas>
    </div>
  )
}
