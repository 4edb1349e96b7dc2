import { type ReactNode, useId } from 'react'

interface PanelProps {
  title: string
  /** A quiet word beside the title. */
  note?: ReactNode
  tools?: ReactNode
  /** Of the heading. */
  level?: 'h2' | 'h3'
  children: ReactNode
}

/** A part of a page under its heading. */
export function Panel({ title, note, tools, level: Heading = 'h3', children }: PanelProps) {
  const id = useId()
  return (
    <section className="panel" aria-labelledby={id}>
      <header className="panel-header">
        <Heading id={id}>{title}</Heading>
        {note && <span className="muted">{note}</span>}
        {tools && <div className="panel-tools">{tools}</div>}
      </header>
      {children}
    </section>
  )
}

/** Figures side by side, each beneath its name. */
export function Stats(props: {
  label?: string
  figures: readonly (readonly [name: string, value: ReactNode])[]
}) {
  return (
    <dl className="stats" aria-label={props.label}>
      {props.figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
