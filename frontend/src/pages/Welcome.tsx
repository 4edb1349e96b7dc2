import { Flex } from 'antd'
import { useTranslation } from 'react-i18next'
import { ExampleQuestions } from '@/features/deploymentForm/ExampleQuestions'
import { useDestinations } from './useDestinations'

const steps = ['ask', 'watch', 'decide'] as const
const stepStyle = { flex: '1 1 200px', paddingTop: 10, borderTop: '2px solid var(--accent)' }

/** What the page is for, and questions to begin with; shown until there is a first task. */
export function Welcome() {
  const { t } = useTranslation()
  const { ask } = useDestinations()
  return (
    <section className="panel stack" aria-labelledby="welcome-title">
      <h2 id="welcome-title">{t('welcome.title')}</h2>
      <Flex
        component="ol"
        wrap
        gap="18px 28px"
        style={{ listStyle: 'none', margin: 0, padding: 0 }}
      >
        {steps.map((step, index) => (
          <li key={step} style={stepStyle}>
            <strong>
              <span style={{ color: 'var(--accent)' }}>{index + 1}</span> {t(`welcome.${step}`)}
            </strong>
            <p className="muted">{t(`welcome.${step}Text`)}</p>
          </li>
        ))}
      </Flex>
      <ExampleQuestions onAsk={ask} />
    </section>
  )
}
