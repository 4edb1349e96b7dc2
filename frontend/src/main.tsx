import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'
import { pageAddress, webSocketAddress } from '@/api/address'
import { ApiError } from '@/api/client'
import { onTokenAccepted, webSocketProtocols } from '@/api/token'
import { connectTasks } from '@/events/connection'
import { findHindrance } from '@/events/hindrance'
import { TaskEventsProvider } from '@/events/TaskEventsProvider'
import { startI18n } from '@/i18n/i18n'
import { createAppRouter } from '@/router'
import '@/base.css'

/** An answer of the service is final; only silence is worth another try. */
function worthRetrying(failures: number, error: Error): boolean {
  const answered = error instanceof ApiError && error.code !== 'unreachable' && error.status < 500
  return !answered && failures < 2
}

async function start(root: HTMLElement): Promise<void> {
  const i18n = await startI18n()
  const queryClient = new QueryClient({
    defaultOptions: { queries: { retry: worthRetrying, staleTime: 10_000 } },
  })
  const connection = connectTasks(webSocketAddress('/ws/tasks'), {
    protocols: () => webSocketProtocols(),
    findHindrance,
  })
  onTokenAccepted(() => {
    connection.reconnect()
    void queryClient.invalidateQueries()
  })
  const router = createAppRouter(new URL(pageAddress()).pathname)
  createRoot(root).render(
    <StrictMode>
      <I18nextProvider i18n={i18n}>
        <QueryClientProvider client={queryClient}>
          <TaskEventsProvider connection={connection}>
            <RouterProvider router={router} />
          </TaskEventsProvider>
        </QueryClientProvider>
      </I18nextProvider>
    </StrictMode>,
  )
}

const root = document.getElementById('root')
if (root === null) throw new Error('index.html lacks #root')
void start(root)
