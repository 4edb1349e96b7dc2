import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { App } from '@/App'
import { NotFound, PageFailed } from '@/components/PageStates'
import { AnalysisPage } from '@/pages/AnalysisPage'
import {
  analysisSearch,
  catalogueSearch,
  compareSearch,
  experimentsSearch,
  historySearch,
  resultSearch,
  whatIfSearch,
} from '@/searchParams'

const rootRoute = createRootRoute({ component: App, notFoundComponent: NotFound })

const analysisRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: analysisSearch,
  component: AnalysisPage,
})

const resultRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/results/$taskId',
  validateSearch: resultSearch,
  component: lazyRouteComponent(() => import('@/pages/ResultPage'), 'ResultPage'),
})

const experimentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/experiments',
  validateSearch: experimentsSearch,
  component: lazyRouteComponent(() => import('@/pages/ExperimentsPage'), 'ExperimentsPage'),
})

const experimentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/experiments/$id',
  validateSearch: historySearch,
  component: lazyRouteComponent(() => import('@/pages/ExperimentPage'), 'ExperimentPage'),
})

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/compare',
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import('@/pages/ComparePage'), 'ComparePage'),
})

const whatIfRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/what-if',
  validateSearch: whatIfSearch,
  component: lazyRouteComponent(() => import('@/pages/WhatIfPage'), 'WhatIfPage'),
})

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/overview',
  component: lazyRouteComponent(() => import('@/pages/OverviewPage'), 'OverviewPage'),
})

const catalogueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/catalogue',
  validateSearch: catalogueSearch,
  component: lazyRouteComponent(() => import('@/pages/CataloguePage'), 'CataloguePage'),
})

const routeTree = rootRoute.addChildren([
  analysisRoute,
  overviewRoute,
  resultRoute,
  experimentsRoute,
  experimentRoute,
  compareRoute,
  whatIfRoute,
  catalogueRoute,
])

/** The pages beneath the path that the page is served under. */
export function createAppRouter(basepath: string) {
  return createRouter({
    routeTree,
    basepath,
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailed,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
