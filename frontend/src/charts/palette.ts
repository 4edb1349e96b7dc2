import { createContext, useContext } from 'react'
import type { ThemeName } from '@/theme'

export interface Palette {
  readonly compute: string
  readonly memory: string
  readonly communication: string
  readonly overhead: string
  readonly waiting: string
  readonly accent: string
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly surface: string
}

const palettes: Record<ThemeName, Palette> = {
  light: {
    compute: '#2f5fc4',
    memory: '#c77700',
    communication: '#b0367f',
    overhead: '#6b7680',
    waiting: '#2b8a5b',
    accent: '#0b6477',
    text: '#17222b',
    muted: '#4d5b66',
    line: '#d9dfe4',
    surface: '#ffffff',
  },
  dark: {
    compute: '#6f9bff',
    memory: '#f0b04a',
    communication: '#f07bbd',
    overhead: '#98a4ae',
    waiting: '#5cc795',
    accent: '#4fb8cb',
    text: '#e3e8ec',
    muted: '#a9b4bd',
    line: '#35414b',
    surface: '#182027',
  },
}

export const ThemeNameContext = createContext<ThemeName>('light')

export function usePalette(): Palette {
  return palettes[useContext(ThemeNameContext)]
}
