import { CloseOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { entryQuery } from '@/api/catalogue'
import { Panel } from '@/components/Panel'
import { Scrolled } from '@/components/Scrolled'
import type { Tiers } from '@/components/topology/space'
import { TopologyFigure } from '@/components/topology/TopologyFigure'
import { Loaded } from './Loaded'
import { SourceText } from './Source'

type Kind = Parameters<typeof entryQuery>[0]

/** Everything that is known of one entry: names, source, and all fields of its specification. */
export function EntryDetails(props: { kind: Kind; name: string; onClose: () => void }) {
  const { t } = useTranslation()
  const query = useQuery(entryQuery(props.kind, props.name))
  const close = (
    <Button
      type="text"
      size="small"
      icon={<CloseOutlined />}
      aria-label={t('catalogue.close')}
      title={t('catalogue.close')}
      onClick={props.onClose}
    />
  )
  return (
    <Loaded query={query}>
      {({ name, title, aliases, source, entered, spec }) => (
        <Panel title={title} level="h2" tools={close}>
          <dl className="entry-facts">
            <dt>{t('catalogue.name')}</dt>
            <dd>
              <code>{name}</code>
            </dd>
            {aliases.length > 0 && (
              <>
                <dt>{t('catalogue.aliases')}</dt>
                <dd>{aliases.join(', ')}</dd>
              </>
            )}
            <dt>{t('form.source')}</dt>
            <dd>
              <SourceText source={source} />
            </dd>
            <dt>{t('catalogue.enteredOn')}</dt>
            <dd>{entered}</dd>
          </dl>
          {props.kind === 'topologies' && <TopologyFigure tiers={spec as unknown as Tiers} />}
          <details>
            <summary>{t('catalogue.spec')}</summary>
            <Scrolled label={t('catalogue.spec')}>{JSON.stringify(spec, null, 2)}</Scrolled>
          </details>
        </Panel>
      )}
    </Loaded>
  )
}
