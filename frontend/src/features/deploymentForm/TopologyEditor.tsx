import { Checkbox, Form, Input, InputNumber } from 'antd'
import { useTranslation } from 'react-i18next'
import { TopologyFigure } from '@/components/topology/TopologyFigure'
import { useFormats } from '@/i18n/useFormats'
import {
  type LinkTier,
  sizes,
  topologyOf,
  topologyText,
  usedTiers,
  type WrittenLink,
  type WrittenTopology,
} from './topologyJson'
import { useFormValue } from './useFormValue'
import './TopologyEditor.css'

interface LinkInputsProps {
  tier: LinkTier
  link: WrittenLink
  onChange: (link: WrittenLink) => void
}

/** One tier's link: figures in basic units become text with a unit, text stays as it was typed. */
function LinkInputs({ tier, link, onChange }: LinkInputsProps) {
  const { t } = useTranslation()
  const name = t(`figures.tier_${tier}`)
  const shown = (value: number | string | undefined, per: number, unit: string) =>
    typeof value === 'number' ? `${Number((value / per).toPrecision(6))} ${unit}` : (value ?? '')
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <Input
          size="small"
          aria-label={`${name}: ${t('topology.bandwidth')}`}
          value={shown(link.bandwidth, 1e9, 'GB/s')}
          placeholder={tier === 'c2c' ? t('topology.ofTheChip') : '400 Gb/s'}
          onChange={({ target }) => onChange({ ...link, bandwidth: target.value })}
        />
      </td>
      <td>
        <Input
          size="small"
          aria-label={`${name}: ${t('topology.latency')}`}
          value={shown(link.latency, 1e-6, 'us')}
          placeholder={tier === 'c2c' ? t('topology.ofTheChip') : '4 us'}
          onChange={({ target }) => onChange({ ...link, latency: target.value })}
        />
      </td>
      <td>
        <Checkbox
          aria-label={`${name}: ${t('topology.reduces')}`}
          checked={link.in_network_reduction ?? false}
          onChange={({ target }) => onChange({ ...link, in_network_reduction: target.checked })}
        />
      </td>
    </tr>
  )
}

/** A link that says nothing is none. */
function stated(links: WrittenTopology['links']): WrittenTopology['links'] {
  const said = ({ bandwidth, latency }: WrittenLink) =>
    (bandwidth ?? '') !== '' || (latency ?? '') !== ''
  return Object.fromEntries(Object.entries(links).filter(([, link]) => said(link)))
}

/** Pods of racks of boards of chips, and what links them: writes the JSON beneath. */
export function TopologyEditor() {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const form = Form.useFormInstance()
  const topology = topologyOf(useFormValue('topology')?.json ?? '')
  if (topology === undefined) return null
  const change = (changed: Partial<WrittenTopology>) => {
    const links = stated({ ...topology.links, ...changed.links })
    form.setFieldValue(['topology', 'json'], topologyText({ ...topology, ...changed, links }))
  }
  const chips = sizes.reduce((product, size) => product * topology[size], 1)
  return (
    <div className="topology-editor">
      <div className="sizes">
        {sizes.map((size) => (
          <div key={size}>
            <label htmlFor={`topology_${size}`}>{t(`catalogue.${size}`)}</label>
            <InputNumber
              id={`topology_${size}`}
              size="small"
              min={1}
              max={100_000}
              precision={0}
              value={topology[size]}
              onChange={(value) => change({ [size]: value ?? 1 })}
            />
          </div>
        ))}
        <strong>{t('topology.chips', { count: chips, chips: integer(chips) })}</strong>
      </div>
      {usedTiers(topology).length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('workspace.link')}</th>
              <th scope="col">{t('topology.bandwidth')}</th>
              <th scope="col">{t('topology.latency')}</th>
              <th scope="col" title={t('topology.reducesHint')}>
                {t('topology.reduces')}
              </th>
            </tr>
          </thead>
          <tbody>
            {usedTiers(topology).map((tier) => (
              <LinkInputs
                key={tier}
                tier={tier}
                link={topology.links[tier] ?? {}}
                onChange={(link) => change({ links: { [tier]: link } })}
              />
            ))}
          </tbody>
        </table>
      )}
      <TopologyFigure tiers={topology} />
    </div>
  )
}
