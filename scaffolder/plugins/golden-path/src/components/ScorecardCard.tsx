import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  EntityInfoCard,
  entityRouteParams,
  entityRouteRef,
  useEntity,
} from '@backstage/plugin-catalog-react';
import { Flex, Link, Text } from '@backstage/ui';
import { progress } from '../api/report';
import { NextAction, WithScore } from './Scorecard';
import { Tier } from './Tier';

export const ScorecardCard = () => {
  const { entity } = useEntity();
  const page = useRouteRef(entityRouteRef)?.(entityRouteParams(entity));
  return (
    <EntityInfoCard title="Golden path">
      <WithScore>
        {({ component }) => {
          const { met, asked } = progress(component.checks);
          return (
            <Flex direction="column" gap="3" data-golden-path>
              <Text as="p" variant="title-x-small">
                <Tier tier={component.tier} />
              </Text>
              <Text as="p">
                {met} of {asked} required checks met
              </Text>
              <NextAction component={component} />
              {page && <Link href={`${page}/scorecard`}>Scorecard</Link>}
            </Flex>
          );
        }}
      </WithScore>
    </EntityInfoCard>
  );
};
