import { useTranslation } from 'react-i18next'
import './Welcome.css'

const steps = ['ask', 'watch', 'decide'] as const

/** What the page is for, shown until there is a first task. */
export function Welcome() {
  const { t } = useTranslation()
  return (
    <section className="panel welcome" aria-labelledby="welcome-title">
      <h2 id="welcome-title">{t('welcome.title')}</h2>
      <ol>
        {steps.map((step) => (
          <li key={step}>
            <strong>{t(`welcome.${step}`)}</strong>
            <p>{t(`welcome.${step}Text`)}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}
