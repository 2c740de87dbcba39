import { lazy, Suspense } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";
import { Shell, Waiting } from "./Shell";
import { RouteTrouble } from "./Trouble";

const PlansPage = lazy(() => import("../pages/PlansPage"));
const CallsPage = lazy(() => import("../pages/CallsPage"));
const DestinationsPage = lazy(() => import("../pages/DestinationsPage"));
const ConnectionsPage = lazy(() => import("../pages/ConnectionsPage"));
const SettingsPage = lazy(() => import("../pages/SettingsPage"));
const PaymentLinesPage = lazy(() => import("../pages/PaymentLinesPage"));
const LivePage = lazy(() => import("../live/LivePage"));
const EditorPage = lazy(() => import("../edit/EditorPage"));

const wide = (page: React.ReactNode) => <Suspense fallback={<Waiting />}>{page}</Suspense>;

const routes: RouteObject[] = [
  {
    errorElement: <RouteTrouble />,
    children: [
      {
        element: <Shell />,
        children: [
          { index: true, element: <PlansPage /> },
          { path: "plans", element: <PlansPage /> },
          { path: "calls", element: <CallsPage /> },
          { path: "destinations", element: <DestinationsPage /> },
          { path: "connections", element: <ConnectionsPage /> },
          { path: "settings", element: <SettingsPage /> },
          { path: "payment-lines", element: <PaymentLinesPage /> },
        ],
      },
      { path: "plans/:id", element: wide(<EditorPage />) },
      { path: "calls/:id", element: wide(<LivePage />) },
    ],
  },
];

export const router = createBrowserRouter(routes);
