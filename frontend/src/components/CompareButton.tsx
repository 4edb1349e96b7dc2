import { CheckOutlined, PlusOutlined } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import {
  addToTray,
  mostInTray,
  removeFromTray,
  type TrayPlan,
  useIsInTray,
  useIsTrayFull,
} from '@/hooks/comparisonTray'
import './CompareButton.css'

/** Puts a plan among those to compare, and takes it out again. */
export function CompareButton({ plan, text = false }: { plan: TrayPlan; text?: boolean }) {
  const { t } = useTranslation()
  const isIn = useIsInTray(plan)
  const isFull = useIsTrayFull() && !isIn
  const { rank, title, experiment } = plan
  const toggle = () => {
    if (isIn) removeFromTray(plan)
    else addToTray(plan)
  }
  return (
    <button
      type="button"
      className="compare-button"
      aria-pressed={isIn}
      aria-label={t('compare.addNamed', { rank, plan: title, name: experiment })}
      title={
        isFull
          ? t('compare.full', { count: mostInTray })
          : t(isIn ? 'compare.takeOut' : 'compare.add')
      }
      disabled={isFull}
      onClick={toggle}
    >
      {isIn ? <CheckOutlined /> : <PlusOutlined />}
      {text && ` ${t('compare.add')}`}
    </button>
  )
}
