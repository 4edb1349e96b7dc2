import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { valuesOf } from './draft'
import { examples } from './examples'
import { parts } from './parts'
import { useSentence } from './useSentence'
import './ExampleQuestions.css'

type Name = keyof typeof examples

const names = Object.keys(examples) as readonly Name[]

function Example({ name, onAsk }: { name: Name; onAsk: () => void }) {
  const { t } = useTranslation()
  const sentence = useSentence(valuesOf(examples[name]))
  const said = parts.filter((part) => part !== 'record')
  return (
    <button type="button" onClick={onAsk}>
      <strong>{t(`welcome.example_${name}`)}</strong>
      <span className="muted">
        {said.map((part, place) => (
          <Fragment key={part}>
            {place > 0 && ' · '}
            <span>{sentence[part]}</span>
          </Fragment>
        ))}
      </span>
    </button>
  )
}

/** Questions to begin with, in the bar's own words; a click asks for one and runs nothing. */
export function ExampleQuestions(props: { onAsk: (draft: Record<string, unknown>) => void }) {
  const { t } = useTranslation()
  return (
    <section aria-labelledby="examples-title">
      <h3 id="examples-title">{t('welcome.examples')}</h3>
      <ul className="examples">
        {names.map((name) => (
          <li key={name}>
            <Example name={name} onAsk={() => props.onAsk(examples[name])} />
          </li>
        ))}
      </ul>
    </section>
  )
}
