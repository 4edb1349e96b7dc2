import { CloseOutlined } from '@ant-design/icons'
import { Link, useLocation } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { clearTray, mostInTray, planText, removeFromTray, useTray } from '@/hooks/comparisonTray'
import './ComparisonTray.css'

/** The plans chosen so far at the bottom edge of every page, and the way to their comparison. */
export function ComparisonTray() {
  const { t } = useTranslation()
  const plans = useTray()
  const isOpen = useLocation({ select: ({ pathname }) => pathname === '/compare' })
  // Where they are compared already, it would only lie over them.
  if (plans.length === 0 || isOpen) return null
  const isFull = plans.length >= mostInTray
  return (
    <aside className="comparison-tray" aria-label={t('compare.tray')}>
      <ul>
        {plans.map((plan) => (
          <li key={planText(plan)}>
            <Link
              to="/results/$taskId"
              params={{ taskId: plan.task_id }}
              search={{ plan: plan.rank }}
              title={t('compare.inTray', { ...plan })}
            >
              <strong>{plan.title}</strong> <span className="muted">{plan.experiment}</span>
            </Link>
            <button
              type="button"
              aria-label={t('compare.takeOutNamed', { plan: plan.title, name: plan.experiment })}
              onClick={() => removeFromTray(plan)}
            >
              <CloseOutlined />
            </button>
          </li>
        ))}
      </ul>
      <span className="tray-tools">
        <span className="hint" role="status">
          {isFull && t('compare.full', { count: mostInTray })}
          {plans.length === 1 && t('compare.oneMore')}
        </span>
        <Button size="small" type="text" onClick={clearTray}>
          {t('compare.clear')}
        </Button>
        {plans.length > 1 && (
          <Link to="/compare" search={{ plans: plans.map(planText) }} className="tray-open">
            {t('compare.openTray', { count: plans.length })}
          </Link>
        )}
      </span>
    </aside>
  )
}
