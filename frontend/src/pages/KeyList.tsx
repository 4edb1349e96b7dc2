import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Dialog } from '@/components/Dialog'
import { heldKey } from './Commands'
import './KeyList.css'

const keys = [
  { name: 'palette', pressed: [`${heldKey} K`] },
  { name: 'new', pressed: ['n'] },
  { name: 'search', pressed: ['/'] },
  { name: 'row', pressed: ['j', 'k'] },
  { name: 'open', pressed: ['Enter'] },
  { name: 'move', pressed: ['Alt ↑', 'Alt ↓'] },
  { name: 'close', pressed: ['Esc'] },
  { name: 'list', pressed: ['?'] },
] as const

/** Every key that is a command, and what it does. */
export function KeyList({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Dialog label={t('keys.title')} onClose={onClose}>
      <div className="key-list">
        <div className="key-list-head">
          <h2>{t('keys.title')}</h2>
          <Button size="small" onClick={onClose}>
            {t('question.done')}
          </Button>
        </div>
        <dl>
          {keys.map(({ name, pressed }) => (
            <div key={name}>
              <dt>
                {pressed.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{t(`keys.${name}`)}</dd>
            </div>
          ))}
        </dl>
        <p className="hint">{t('keys.hint')}</p>
      </div>
    </Dialog>
  )
}
