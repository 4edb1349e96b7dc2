import { useQuery } from '@tanstack/react-query'
import { Button, Flex } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExplainRequest } from '@/api/explain'
import { previewQuery } from '@/api/preview'
import type { Plan } from '@/api/types'
import { FigureChanges } from '@/components/FigureChanges'
import { LoadFailed, LoadingLines } from '@/components/PageStates'
import { Slider } from '@/components/Slider'
import { useDebounced } from '@/hooks/useDebounced'
import { useFormats } from '@/i18n/useFormats'
import {
  factorAt,
  farthest,
  isMoved,
  type MoveName,
  type Moves,
  movedLoad,
  movedRequest,
  moveNames,
  previewOfPlan,
  pricesOf,
} from './moves'
import { useExplanation } from './useExplanation'
import './WhatIfOfPlan.css'

const settleMs = 60

/** What a move means: a load in its unit, a figure of the chips as a factor. */
function useMoveText(asked: ExplainRequest, moves: Moves): (name: MoveName) => string {
  const { t } = useTranslation()
  const { integer, figure, usd } = useFormats()
  const load = movedLoad(asked, moves)
  const prices = Object.values(pricesOf(asked) ?? {})
  return (name) => {
    const factor = factorAt(moves[name] ?? 0)
    switch (name) {
      case 'batch':
        return integer(load.batch)
      case 'input':
      case 'output':
        return `${integer(load[name])} ${t('form.tokens')}`
      case 'price':
        return prices.map((price) => usd(price * factor)).join(' + ')
      default:
        return `× ${figure(factor)}`
    }
  }
}

interface WhatIfOfPlanProps {
  plan: Plan
  request: ExplainRequest
  /** How far the inputs are moved. */
  moves: Moves
  onMoves: (change: Moves) => void
  /** Makes a question of what was asked, with the moved inputs. */
  onAsk: (request: Readonly<Record<string, unknown>>) => void
}

/** Sliders over the inputs of a result: what becomes of this plan, at once. */
export function WhatIfOfPlan(props: WhatIfOfPlanProps) {
  const { plan, request, moves, onMoves, onAsk } = props
  const { t } = useTranslation()
  const [client] = useState(() => `plan-${Math.random().toString(36).slice(2)}`)
  const { figure } = useFormats()
  const text = useMoveText(request, moves)
  const explain = useExplanation()
  const settled = useDebounced(moves, settleMs)
  const asked = useMemo(() => previewOfPlan(request, settled), [request, settled])
  const { data, error, refetch } = useQuery(previewQuery(asked, client))
  const infeasible = data?.infeasible_plans[0]
  const now = data?.top_k_plans[0] ?? infeasible
  const lacking = infeasible?.missed_limits.find(({ code }) => code === 'memory')
  const unfit = lacking && t('whatIf.unfit', { usable: figure(lacking.available) })
  const isPriced = pricesOf(request) !== undefined
  return (
    <>
      <p className="hint">{t('whatIf.ofPlan')}</p>
      <div className="moves">
        {moveNames
          .filter((name) => name !== 'price' || isPriced)
          .map((name) => (
            <Slider
              key={name}
              label={t(`whatIf.${name}`)}
              text={text(name)}
              low={-farthest}
              high={farthest}
              position={moves[name] ?? 0}
              onChange={(position) => onMoves({ ...moves, [name]: position })}
            />
          ))}
      </div>
      {!isPriced && <p className="hint">{t('whatIf.noPrice')}</p>}
      {error !== null && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {error === null && now === undefined && <LoadingLines rows={9} />}
      {error === null && now !== undefined && (
        <>
          <p className="moves-kept" role="status">
            {infeasible === undefined ? (
              <span className="sure">✓ {t('whatIf.keeps')}</span>
            ) : (
              <span className="missed">✗ {explain(infeasible)}</span>
            )}
          </p>
          <FigureChanges
            caption={t('workspace.tab_what_if')}
            now={now}
            before={plan}
            unfit={unfit}
          />
        </>
      )}
      <Flex wrap gap={8} className="moves-actions">
        <Button
          disabled={!isMoved(moves)}
          title={t('whatIf.askHint')}
          onClick={() => onAsk(movedRequest(request, moves))}
        >
          {t('whatIf.ask')}
        </Button>
        <Button type="text" disabled={!isMoved(moves)} onClick={() => onMoves({})}>
          {t('whatIf.backToResult')}
        </Button>
      </Flex>
    </>
  )
}
