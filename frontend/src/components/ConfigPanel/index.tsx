export { ConfigPanel } from '@/pages/ConfigPanel'
