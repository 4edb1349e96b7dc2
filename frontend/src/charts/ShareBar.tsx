import './charts.css'

export interface Share {
  readonly key: string
  readonly label: string
  readonly value: number
  readonly color: string
}

interface ShareBarProps {
  label: string
  shares: readonly Share[]
  /** What the whole width stands for; at least the sum of the shares. */
  whole: number
  format: (value: number) => string
  percent: (share: number) => string
  marks?: readonly { value: number; label: string }[]
}

/** Parts of a whole on one line, each named with its figure beneath: a chart that is its table. */
export function ShareBar(props: ShareBarProps) {
  const { label, shares, whole, format, percent, marks = [] } = props
  const width = (value: number) => `${(100 * value) / whole}%`
  return (
    <figure className="share-bar">
      <div className="share-track" role="img" aria-label={label}>
        {shares.map(({ key, value, color }) => (
          <span key={key} style={{ width: width(value), background: color }} />
        ))}
        {marks.map((mark) => (
          <i key={mark.label} style={{ left: width(mark.value) }} title={mark.label} />
        ))}
      </div>
      <figcaption>
        <dl>
          {shares.map(({ key, label: name, value, color }) => (
            <div key={key}>
              <dt>
                <span style={{ background: color }} aria-hidden="true" />
                {name}
              </dt>
              <dd>
                {format(value)} <span className="muted">{percent(value / whole)}</span>
              </dd>
            </div>
          ))}
          {marks.map((mark) => (
            <div key={mark.label}>
              <dt>
                <span className="share-mark" aria-hidden="true" />
                {mark.label}
              </dt>
            </div>
          ))}
        </dl>
      </figcaption>
    </figure>
  )
}
