import { DownloadOutlined, FullscreenExitOutlined, FullscreenOutlined } from '@ant-design/icons'
import { Button, Dropdown, Segmented } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileName, pngOf, pngOfCanvas, save, svgOf, tableCsv } from './chartFiles'

interface ChartFrameProps {
  title: string
  /** Of the heading. */
  level?: 'h3' | 'h4'
  hint?: string | undefined
  chart: ReactNode
  table: ReactNode
  tools?: ReactNode
  /** What the chart is drawn as, and so may be saved as. */
  drawn?: 'svg' | 'canvas' | 'html'
  /** The figures as comma-separated values, where the table has only those in sight. */
  csv?: () => string
}

type Format = 'svg' | 'png' | 'csv'

const pictures = { svg: ['svg', 'png'], canvas: ['png'], html: [] } as const

/** The full screen, if it is this element that fills it. */
function useFullScreen(element: { readonly current: HTMLElement | null }) {
  const [isFull, setIsFull] = useState(false)
  useEffect(() => {
    const follow = () => setIsFull(document.fullscreenElement === element.current)
    document.addEventListener('fullscreenchange', follow)
    return () => document.removeEventListener('fullscreenchange', follow)
  }, [element])
  const toggle = () =>
    void (isFull ? document.exitFullscreen() : element.current?.requestFullscreen())
  return { isFull, toggle }
}

/** Draws the table where nobody sees it and hands on what stands in it. */
function Csv({ table, onText }: { table: ReactNode; onText: (csv: string) => void }) {
  const place = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as the table is there
  useEffect(() => {
    const drawn = place.current?.querySelector('table')
    onText(drawn == null ? '' : tableCsv(drawn))
  }, [])
  return (
    <div ref={place} hidden>
      {table}
    </div>
  )
}

/** A chart and the table of the same figures: to switch, to save, to enlarge. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, level: Heading = 'h4', hint, chart, table, tools, drawn = 'svg' } = props
  const { t } = useTranslation()
  const [view, setView] = useState<'chart' | 'table'>('chart')
  const [isTableAsked, setTableAsked] = useState(false)
  const frame = useRef<HTMLElement>(null)
  const { isFull, toggle } = useFullScreen(frame)

  const saveCsv = (text: string) =>
    save(new Blob([text], { type: 'text/csv' }), fileName(title, 'csv'))
  const saveAs = async (format: Format) => {
    if (format === 'csv') {
      if (props.csv === undefined) setTableAsked(true)
      else saveCsv(props.csv())
      return
    }
    const picture = frame.current?.querySelector<SVGSVGElement | HTMLCanvasElement>(
      '.chart > :is(svg, canvas), .chart div > svg, .chart svg',
    )
    if (picture == null) return
    const file =
      picture instanceof HTMLCanvasElement
        ? await pngOfCanvas(picture)
        : format === 'svg'
          ? svgOf(picture)
          : await pngOf(svgOf(picture), picture)
    save(file, fileName(title, format))
  }
  const formats: readonly Format[] = view === 'chart' ? [...pictures[drawn], 'csv'] : ['csv']
  return (
    <section ref={frame} className="chart-frame" aria-label={title}>
      <header className="panel-header">
        <Heading>{title}</Heading>
        <div className="panel-tools">
          {tools}
          <Segmented
            size="small"
            aria-label={t('result.view', { title })}
            value={view}
            onChange={setView}
            options={[
              { value: 'chart' as const, label: t('result.asChart') },
              { value: 'table' as const, label: t('result.asTable') },
            ]}
          />
          {/* In the frame: it scrolls along with the panel and is seen where the frame fills the screen. */}
          <Dropdown
            trigger={['click']}
            getPopupContainer={() => frame.current ?? document.body}
            menu={{
              items: formats.map((key) => ({ key, label: key.toUpperCase() })),
              onClick: ({ key }) => void saveAs(key as Format),
            }}
          >
            <Button
              size="small"
              type="text"
              icon={<DownloadOutlined />}
              aria-label={t('workspace.save', { title })}
              title={t('workspace.saveHint')}
            />
          </Dropdown>
          <Button
            size="small"
            type="text"
            icon={isFull ? <FullscreenExitOutlined /> : <FullscreenOutlined />}
            aria-label={t(isFull ? 'workspace.smaller' : 'workspace.larger', { title })}
            title={t(isFull ? 'workspace.smallerHint' : 'workspace.largerHint')}
            onClick={toggle}
          />
        </div>
      </header>
      {hint !== undefined && <p className="hint">{hint}</p>}
      {view === 'chart' ? chart : table}
      {isTableAsked && (
        <Csv
          table={table}
          onText={(text) => {
            setTableAsked(false)
            saveCsv(text)
          }}
        />
      )}
    </section>
  )
}
