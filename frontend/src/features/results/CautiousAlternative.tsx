import { Trans, useTranslation } from 'react-i18next'
import type { Decision, Plan } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { alternativeOf, type Gain, gains, price } from './choice'
import { isObjective } from './objectives'
import { planTitle } from './planText'
import type { Question } from './question'
import { useLimitText } from './useLimitText'

const marks = { strong: <strong />, num: <b className="number" /> }

function Surer({ gained }: { gained: readonly Gain[] }) {
  const { t } = useTranslation()
  const { probability } = useFormats()
  const limitText = useLimitText()
  if (gained.length === 0) return <p>{t('choice.steadier')}</p>
  return gained.map(({ limit, before }) => {
    const { name, bound } = limitText(limit)
    return (
      <p key={limit.code}>
        <Trans
          i18nKey="choice.keepsInstead"
          components={marks}
          values={{
            limit: `${name} ${bound}`,
            probability: probability(limit.probability),
            before: probability(before),
          }}
        />
      </p>
    )
  })
}

function Price(props: { first: Plan; robust: Plan; objective: string }) {
  const { first, robust, objective } = props
  const { t } = useTranslation()
  const { figure, change } = useFormats()
  const paid = isObjective(objective) ? price(first, robust, objective) : undefined
  if (paid === undefined || !isObjective(objective)) return null
  return (
    <p>
      <Trans
        i18nKey="choice.gives"
        components={marks}
        values={{
          name: t(`figures.of_${objective}`),
          value: figure(paid.value),
          before: figure(paid.before),
          change: change(paid.change),
        }}
      />
    </p>
  )
}

interface AlternativeProps {
  decision: Decision
  plans: readonly Plan[]
  question: Question
}

/** Beside the first plan what a cautious search would choose, where that is another. */
export function CautiousAlternative({ decision, plans, question }: AlternativeProps) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const first = plans[0]
  const robust = alternativeOf(decision)
  if (first === undefined) return null
  if (robust === undefined) {
    // Where single requests decide, no cautious plan is searched.
    if (decision.first_is_robust !== false || question.ofPercentile) return null
    return <aside className="alternative">{t('choice.noneSure')}</aside>
  }
  // The same plan may be listed with more requests at once than are safe.
  const listed =
    plans[robust.rank - 1] ?? plans.find((plan) => planTitle(plan) === planTitle(robust))
  const isSame = listed?.batch_size === robust.batch_size
  return (
    <aside className="alternative" aria-label={t('choice.alternative')}>
      <h3>{t('choice.alternative')}</h3>
      <p>
        <Trans
          i18nKey={
            listed === undefined
              ? 'choice.planNotRanked'
              : isSame
                ? 'choice.planRanked'
                : 'choice.planElsewhere'
          }
          components={marks}
          values={{
            rank: listed?.rank,
            plan: planTitle(robust),
            chips: integer(robust.chips),
            batch: robust.batch_size == null ? '–' : integer(robust.batch_size),
          }}
        />
      </p>
      <Surer gained={gains(first, robust)} />
      <Price first={first} robust={robust} objective={question.objective} />
    </aside>
  )
}
