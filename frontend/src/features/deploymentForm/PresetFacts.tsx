import { InfoCircleOutlined } from '@ant-design/icons'
import { Button, Flex, Tooltip } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Fact } from './facts'

const address = /https?:\/\/[^\s,;)]+/

/** Where a preset's figures come from: in words, and as a link if there is one. */
export function Source(props: { source: string }) {
  const { t } = useTranslation()
  const link = address.exec(props.source)?.[0]
  return (
    <Tooltip title={props.source} placement="right">
      <Button
        type="link"
        size="small"
        icon={<InfoCircleOutlined />}
        aria-label={`${t('form.source')}: ${props.source}`}
        {...(link === undefined ? {} : { href: link, target: '_blank', rel: 'noreferrer' })}
      >
        {t('form.source')}
      </Button>
    </Tooltip>
  )
}

/** The key figures of a preset. */
export function Facts(props: { facts: readonly Fact[]; note?: string }) {
  const { t } = useTranslation()
  return (
    <Flex wrap gap="1px 12px" className="facts">
      <dl>
        {props.facts.map(({ label, value }) => (
          <Flex key={label + value} gap={4}>
            <dt>{t(`form.${label}`)}</dt>
            <dd>{value}</dd>
          </Flex>
        ))}
      </dl>
      {props.note !== undefined && <p>{props.note}</p>}
    </Flex>
  )
}
